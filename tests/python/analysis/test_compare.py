"""Several runs beside each other."""

import math

import pytest
from evoke_analysis import compare, open_run
from made_runs import target_run, tiny_run, without_test


def test_progress_is_the_best_so_far_by_what_was_spent(tmp_path):
    result = compare([tiny_run(tmp_path / "a"), open_run(target_run(tmp_path / "b"))])
    tiny = result.progress[result.progress["run"] == "tiny"]
    assert tiny["tokens"].tolist() == [480, 770, 1280]
    assert tiny["dev"].tolist() == [0.5, 0.75, 1.0]
    assert tiny["algorithm"].unique().tolist() == ["evoprompt-ga"]
    assert len(result.progress) == 4


def test_outcomes_have_dev_and_test_of_the_notable_prompts(tmp_path):
    outcome = compare([tiny_run(tmp_path)]).outcomes.iloc[0]
    assert (outcome["baseline_dev"], outcome["baseline_test"]) == (0.5, 0.5)
    assert (outcome["best_dev"], outcome["best_test"]) == (1.0, 0.9)
    assert (outcome["suggested_dev"], outcome["suggested_test"]) == (0.5, 0.6)
    assert outcome["best_test_low"] == pytest.approx(0.595850, abs=1e-6)
    assert outcome["best_prompt_tokens"] == 12
    assert outcome["tokens"] == 1280


def test_a_budget_in_tokens_shows_what_was_reached_by_then(tmp_path):
    result = compare([tiny_run(tmp_path)])
    assert result.at_tokens(1000)["tiny"] == 0.75
    assert result.at_tokens(1280)["tiny"] == 1.0
    assert math.isnan(result.at_tokens(10)["tiny"])


def test_runs_of_one_name_are_told_apart_by_their_folders(tmp_path):
    result = compare([tiny_run(tmp_path / "one"), without_test(tmp_path / "two")])
    assert result.outcomes["run"].tolist() == [str(tmp_path / "one"), str(tmp_path / "two")]
    assert math.isnan(result.outcomes["suggested_test"].iloc[1])


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="no run was given"):
        compare([])
