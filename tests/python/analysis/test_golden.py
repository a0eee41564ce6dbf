"""The golden files of the file format, read by the analysis package: what was written once is read for ever."""

import math
import os
import shutil
from pathlib import Path

import pytest
from evoke_analysis import open_run
from evoke_analysis.report import render

GOLDEN = Path(os.environ.get("EVOKE_SOURCE_DIR", Path(__file__).parents[3])) / "tests" / "golden"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("golden")
    (folder / "generations").mkdir()
    shutil.copy(GOLDEN / "generation-1.0.h5", folder / "generations" / "gen-000003.h5")
    return open_run(folder)


def test_generation_of_format_1_0_describes_itself(run):
    assert run.newest.format_version == (1, 0)
    assert run.newest.number == 3
    assert run.missing_generations == [0, 1, 2]
    assert run.newest.attributes["created"] == "2024-02-29T12:00:00Z"
    assert run.newest.identities["model"] == "b" * 64
    assert (run.name, run.seed) == ("sample", 7)
    assert run.directions == {"accuracy": "max", "prompt_tokens": "min"}
    assert run.newest.task_measures == ["accuracy", "loss"]


def test_individuals_of_format_1_0(run):
    assert run.individuals.index.tolist() == [18, 19, 20, 21, 22, 23, 24]
    assert run.population["individual"].tolist() == [18, 19, 20, 21, 22, 23]
    first = run.individuals.loc[18]
    assert first["demonstrations"] == (400, 410)
    assert first["parents"] == (0, 1)
    assert first["operator"] == "lm-crossover"
    assert first["instruction"].count(" ") >= 7
    assert any("café" in text for text in run.individuals["instruction"])
    lost = run.individuals.loc[24]
    assert not lost["feasible"]
    assert lost["tokens"] == (1, 50256, 7)
    assert math.isnan(run.objectives.at[24, "accuracy"])
    assert run.objectives.at[24, "prompt_tokens"] == 700


def test_scores_of_format_1_0(run):
    assert run.scores.groupby("individual").size().to_dict() == {18: 12, 19: 12, 20: 12, 21: 12, 22: 12, 23: 12, 24: 1}
    assert run.matrix("status").at[24, 0] == "overflow"
    assert (run.scores.loc[run.scores["individual"] != 24, "status"] == "ok").all()
    assert run.scores["accuracy"].dropna().isin([0, 1]).all()
    assert run.test_scores[["individual", "example"]].to_numpy().tolist() == [[18, 900], [18, 901]]


def test_archive_and_proposals_of_format_1_0(run):
    assert run.archive["individual"].tolist() == [18, 23]
    assert run.archive["suggested"].tolist() == [False, True]
    assert run.baseline["test_examples"] == 2
    assert math.isnan(run.suggested["test_accuracy"])
    assert run.proposals["verdict"].tolist() == ["accepted", "empty"]
    assert run.proposals["child"].fillna(-1).tolist() == [18, -1]
    assert run.proposals.at[0, "raw"].startswith("<prompt>")


def test_statistics_of_format_1_0(run):
    (only,) = run.statistics.to_dict("records")
    assert (only["evaluations"], only["proposals"]) == (400, 2)
    assert (only["prompt_tokens"], only["generated_tokens"], only["tokens"]) == (5000, 60, 5060)
    assert (only["cache_hits"], only["cache_misses"], only["wall_seconds"]) == (9, 91, 12.5)
    assert only["note"] == "the best became shorter"
    assert only["digest"] + "\n" == (GOLDEN / "generation-1.0.digest").read_text()
    assert run.usage[["rank", "host", "units", "busy_seconds", "lost"]].to_numpy().tolist() == [
        [0, "n1", 4, 0.0, False], [1, "n2", 3, 11.25, True]]


def test_a_report_of_format_1_0_is_made(run):
    text = render(run)
    assert text.count("<section") == 9
    assert run.statistics["digest"].iloc[0] in text
