"""What the frames hold, on a run whose every number is known."""

import math

import pandas as pd
import pytest
from evoke_analysis import open_run
from made_runs import infeasible_run, made_run, target_run, tiny_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return open_run(tiny_run(tmp_path_factory.mktemp("tiny")))


def test_individuals_are_all_ever_seen_by_id(run):
    assert run.individuals.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert run.individuals["generation"].tolist() == [0, 0, 0, 1, 2, 2]
    assert run.individuals["operator"].tolist() == ["initial"] * 3 + ["lm-crossover", "lm-crossover", "edit-delete"]
    assert run.individuals["parents"].tolist() == [(), (), (), (0, 1), (3, 0), (3,)]
    assert run.individuals.at[4, "instruction"] == "Say whether the review feels good or bad to you."
    assert run.individuals["accuracy"].tolist() == [0.5, 0.25, 0.25, 0.75, 1.0, 0.5]
    assert run.individuals["prompt_tokens"].tolist() == [6, 3, 9, 8, 12, 4]
    assert run.individuals["feasible"].all()


def test_individuals_say_until_when_they_survived(run):
    assert run.individuals["survived_to"].tolist() == [1, 0, pd.NA, 2, 2, pd.NA]


def test_objectives_are_in_the_jobs_order_with_their_directions(run):
    assert run.directions == {"accuracy": "max", "prompt_tokens": "min"}
    assert run.objectives.columns.tolist() == ["accuracy", "prompt_tokens"]
    assert run.objectives.loc[3].tolist() == [0.75, 8.0]
    assert run.primary == "accuracy"


def test_population_lists_the_survivors_of_each_generation(run):
    assert run.population.groupby("generation")["individual"].apply(list).tolist() == [[0, 1], [3, 0], [4, 3]]
    assert run.population["front_rank"].tolist() == [0] * 6


def test_lineage_has_an_edge_for_each_parent_with_the_gain(run):
    edges = run.lineage.set_index(["parent", "child"])["gain"].to_dict()
    assert edges == {(0, 3): 0.25, (1, 3): 0.5, (3, 4): 0.25, (0, 4): 0.5, (3, 5): -0.25}


def test_ancestors_go_back_to_the_first_population_along_the_best_parents(run):
    line = run.ancestors(4)
    assert line.index.tolist() == [0, 1, 3, 4]
    assert line["steps"].tolist() == [1, 2, 1, 0]
    assert line["main"].tolist() == [True, False, True, True]
    assert line["best_parent"].tolist() == [pd.NA, pd.NA, 0, 3]
    assert line["gain"].tolist()[2:] == [0.25, 0.25]
    with pytest.raises(KeyError, match="individual 17 is in no generation file"):
        run.ancestors(17)


def test_score_matrix_is_individual_by_example(run):
    assert len(run.scores) == 6 * 4
    assert run.scores.columns.tolist() == ["individual", "example", "accuracy", "loss", "status", "prompt_tokens",
                                           "generated_tokens", "seconds"]
    matrix = run.matrix()
    assert matrix.shape == (6, 4)
    assert matrix.loc[3].tolist() == [1, 1, 1, 0]
    assert (run.matrix("status").loc[0] == "ok").all()


def test_means_of_the_score_matrix_are_the_measures(run):
    means = run.scores.groupby("individual")["accuracy"].mean()
    assert means.tolist() == run.individuals["accuracy"].tolist()


def test_test_outcomes_are_of_baseline_and_front(run):
    assert run.matrix(split="test").shape == (5, 10)
    assert sorted(run.test_scores["individual"].unique()) == [0, 1, 3, 4, 5]
    assert not set(run.test_scores["example"]) & set(run.scores["example"])


def test_archive_has_the_baseline_first_and_wilson_intervals(run):
    assert run.archive["individual"].tolist() == [0, 1, 3, 4, 5]
    assert run.archive["role"].tolist() == ["baseline"] + ["front"] * 4
    four = run.archive.set_index("individual").loc[4]
    assert [four[f"test_accuracy{end}"] for end in ("", "_low", "_high")] == pytest.approx([0.9, 0.595850, 0.982124],
                                                                                          abs=1e-6)
    assert [four[f"dev_accuracy{end}"] for end in ("", "_low", "_high")] == pytest.approx([1, 0.510109, 1], abs=1e-6)
    assert four["test_examples"] == 10
    assert four["dev_examples"] == 4


def test_the_balance_is_suggested_once(run):
    assert run.archive["suggested"].tolist() == [False, False, False, False, True]
    assert run.suggested["individual"] == 5
    assert run.best["individual"] == 4
    assert run.baseline["individual"] == 0
    assert run.front["individual"].tolist() == [1, 3, 4, 5]


def test_proposals_keep_what_was_refused(run):
    assert len(run.proposals) == 6
    assert run.proposals["verdict"].value_counts().to_dict() == {
        "accepted": 3, "duplicate": 1, "empty": 1, "too_long": 1, "truncated": 0, "malformed": 0}
    assert run.proposals["child"].tolist() == [pd.NA, 3, pd.NA, 5, pd.NA, 4]
    assert run.proposals.at[0, "raw"] == "<prompt>Feeling?</prompt>"


def test_statistics_by_generation(run):
    table = run.statistics
    assert table.index.tolist() == [0, 1, 2]
    assert table["tokens"].tolist() == [480, 770, 1280]
    assert table["best_accuracy"].tolist() == [0.5, 0.75, 1.0]
    assert table["mean_accuracy"].tolist() == [0.375, 0.625, 0.875]
    assert table["best_prompt_tokens"].tolist() == [3, 3, 3]
    assert table["seconds"].tolist() == [2, 4, 6]
    assert table["born"].tolist() == [3, 1, 2]
    assert table["survivors"].tolist() == [2, 1, 1]
    assert table["accepted"].tolist() == [0, 1, 2]
    assert table["front"].tolist() == [2, 3, 4]


def test_usage_is_a_share_of_the_wall_time(run):
    assert len(run.usage) == 3 * 2
    assert run.usage["share"].tolist() == [0.75, 0.25] * 3
    assert run.usage["lost"].tolist() == [False, True] * 3


def test_events_have_times(run):
    assert run.events["event"].tolist() == ["start", "generation", "generation", "generation", "end"]
    assert run.events["time"].iloc[0] == pd.Timestamp("2025-01-02T03:04:05Z")


def test_the_job_is_at_hand(run):
    assert (run.name, run.seed, run.algorithm, run.state) == ("tiny", 7, "evoprompt-ga", "finished")
    assert run.job["task"]["labels"] == ["bad", "good"]


def test_a_target_search_is_better_with_less_loss(tmp_path):
    run = open_run(target_run(tmp_path))
    assert run.primary == "weighted_loss"
    assert run.sign("weighted_loss") == -1
    assert run.measures == ["weighted_loss", "target_loss", "fluency", "prompt_tokens", "generated_tokens"]
    assert run.individuals.at[0, "tokens"] == (1, 2, 3, 4)
    assert run.suggested["dev_weighted_loss"] == 4.5
    assert math.isnan(run.suggested["dev_weighted_loss_low"])
    assert run.proposals.empty
    assert run.usage.empty
    assert run.state == "unknown"


def test_without_a_front_the_baseline_stands_in(tmp_path):
    run = open_run(infeasible_run(tmp_path))
    assert run.front.empty
    assert run.suggested["individual"] == 0
    assert run.best["individual"] == 0
    assert math.isnan(run.suggested["dev_accuracy"])


def test_a_search_that_kept_few_files_opens_and_says_what_is_missing(tmp_path):
    run = open_run(made_run(tmp_path, population=5, generations=9, examples=10, tests=10, first_kept=8))
    assert run.missing_generations == [0, 1, 2, 3, 4, 5, 6, 7]
    assert run.statistics.index.tolist() == [8, 9]
    assert run.statistics["seconds"].iloc[0] > run.statistics["wall_seconds"].iloc[0] * 3
    known = set(run.individuals.index)
    assert set(run.lineage["child"]) <= known
    assert not set(run.lineage["parent"]) <= known
    line = run.ancestors(int(run.best["individual"]))
    assert line["steps"].min() == 0
    assert set(line.index) <= known
