"""A small search made by the program itself, read back: two implementations of one format, and of its numbers."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from evoke_analysis import open_run
from evoke_analysis.report import write_report

JOB = """
[run]
name = "small"
seed = 3
output = "{output}"
[model]
path = "${{EVOKE_DATA}}/models/TinyStories-656K"
dtype = "float32"
[task]
dev = "${{EVOKE_DATA}}/tasks/EvoPrompt/cls/sst2/seed5/dev.txt"
test = "${{EVOKE_DATA}}/tasks/EvoPrompt/cls/sst2/seed5/dev_500.txt"
dev_size = 24
test_size = 30
template = "{{instruction}}\\nReview: {{input}}\\nSentiment:"
answer = "likelihood"
labels = ["negative", "positive"]
[search]
algorithm = "evoprompt-ga"
population = 4
generations = 2
initial = ["Is the review good?", "Good or bad:", "Decide what the writer of the review felt about the film.",
           "Read the text and say positive or negative.", "Sentiment of the film review?"]
operators = ["edit-delete", "lm-complete", "edit-swap"]
temperature = 0.8
proposal_tokens = 32
[objectives]
accuracy = "max"
prompt_tokens = "min"
"""


def program(*arguments) -> subprocess.CompletedProcess:
    path = os.environ.get("EVOKE_PROGRAM", "")
    if not Path(path).is_file():
        pytest.skip("EVOKE_PROGRAM names no program")
    if not os.environ.get("EVOKE_DATA"):
        pytest.skip("EVOKE_DATA is not set")
    return subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    (folder / "job.toml").write_text(JOB.format(output=folder / "runs"))
    done = program("run", folder / "job.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "runs" / "small"


@pytest.fixture(scope="module")
def run(folder):
    return open_run(folder)


def test_every_part_is_there(run):
    assert run.warnings == []
    assert run.missing_generations == []
    assert run.state == "finished"
    assert (run.name, run.seed, run.algorithm) == ("small", 3, "evoprompt-ga")
    assert run.statistics.index.tolist() == [0, 1, 2]
    assert run.directions == {"accuracy": "max", "prompt_tokens": "min"}
    assert run.measures == ["accuracy", "loss", "prompt_tokens", "generated_tokens"]


def test_four_survive_each_generation(run):
    assert run.population.groupby("generation").size().tolist() == [4, 4, 4]
    assert run.statistics["population"].tolist() == [4, 4, 4]
    assert run.statistics["born"].iloc[0] == 5


def test_children_are_the_accepted_proposals(run):
    accepted = run.proposals[run.proposals["verdict"] == "accepted"]
    born = run.individuals[run.individuals["generation"] > 0]
    assert len(born) >= 1
    assert sorted(accepted["child"]) == born.index.tolist()
    assert run.individuals.index.tolist() == list(range(len(run.individuals)))
    by_child = accepted.set_index("child").loc[born.index]
    assert by_child["operator"].tolist() == born["operator"].tolist()
    assert by_child["parents"].tolist() == born["parents"].tolist()
    assert run.proposals.loc[run.proposals["verdict"] != "accepted", "child"].isna().all()


def test_everybody_is_scored_on_every_dev_example(run):
    assert len(run.scores) == len(run.individuals) * 24
    assert run.matrix().notna().all().all()
    assert run.statistics["evaluations"].iloc[-1] == len(run.individuals) * 24
    means = run.scores.groupby("individual")[["accuracy", "loss"]].mean()
    assert means["accuracy"].tolist() == pytest.approx(run.individuals["accuracy"].tolist())
    assert means["loss"].tolist() == pytest.approx(run.individuals["loss"].tolist(), rel=1e-5)


def test_the_front_is_tested_once_on_other_examples(run):
    tested = run.test_scores.groupby("individual").size()
    assert sorted(tested.index) == sorted(set(run.archive["individual"]))
    assert (tested == 30).all()
    assert not set(run.test_scores["example"]) & set(run.scores["example"])


def test_the_program_tells_the_same_front_intervals_and_balance(run, folder):
    told = json.loads(program("best", folder, "--format", "json").stdout)
    points = [told["baseline"], *told["front"]]
    assert [point["prompt"] for point in points] == run.archive["instruction"].tolist()
    assert [point["suggested"] for point in points] == run.archive["suggested"].tolist()
    for point, (_, row) in zip(points, run.archive.iterrows()):
        for name, value in point["dev"].items():
            column = name if name == "prompt_tokens" else f"dev_{name}"
            assert row[column] == pytest.approx(value, rel=1e-6)
        for name, interval in point["test"].items():
            found = [row[f"test_{name}{end}"] for end in ("", "_low", "_high")]
            assert found == pytest.approx([interval["value"], interval["low"], interval["high"]], rel=1e-5, abs=1e-9)


def test_cost_and_digest_are_those_of_the_program(run, folder):
    told = json.loads(program("status", folder, "--format", "json").stdout)
    last = run.statistics.iloc[-1]
    assert told["digest"] == last["digest"]
    for name in ("evaluations", "prompt_tokens", "generated_tokens", "proposals"):
        assert told["spent"][name] == last[name]


def test_one_process_is_one_rank_whose_time_fits_into_the_generations(run):
    assert run.usage["rank"].tolist() == [0, 0, 0]
    assert run.usage["share"].between(0, 1.05).all()
    assert (run.usage["units"] > 0).all()


def test_the_report_is_made_and_the_run_still_verifies(run, folder):
    text = write_report(run, folder / "report.html").read_text()
    assert run.newest.attributes["digest"] in text
    assert "TinyStories-656K" in text
    done = program("verify", folder)
    assert done.returncode == 0, done.stdout + done.stderr
