"""The jobs on real data move: children are accepted, survivors change, targets are reached."""

import json

import pytest
from searches import data_folder, evoke, texts

JOBS = ["sst2", "agnews"]


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generations_accept_children_and_survivors_change(search, job, seed):
    moving = search(job=job, overrides=[f"run.seed={seed}"])
    result = moving.launch(2)
    assert result.returncode == 0, result.stderr
    with moving.generation(0) as file:
        survivors = set(file["population/id"][:])
        assert len(survivors) == 10
        first = texts(file["born/instruction"])
    prompts = (data_folder() / f"tasks/EvoPrompt/cls/{job}/prompts.txt").read_text().split("\n")
    # Every human prompt is measured first.
    assert sorted(first) == sorted({line.rstrip() for line in prompts if line.strip()})
    changed = 0
    for number in range(1, 6):
        with moving.generation(number) as file:
            assert (file["proposals/verdict"][:] == 0).any(), f"generation {number} accepted nothing"
            now = set(file["population/id"][:])
        changed += now != survivors
        survivors = now
    assert changed >= 3


def test_best_and_summary_of_a_real_run(search):
    run = search(job="sst2", overrides=["search.generations=1"])
    assert run.launch(2).returncode == 0
    best = json.loads(evoke("best", run.folder, "--format", "json").stdout)
    assert [point["suggested"] for point in best["front"]].count(True) == 1
    for point in [best["baseline"], *best["front"]]:
        accuracy = point["test"]["accuracy"]
        assert 0 <= accuracy["low"] < accuracy["value"] < accuracy["high"] <= 1
        assert set(point["dev"]) == {"accuracy", "loss", "prompt_tokens", "generated_tokens"}
    summary = json.loads((run.folder / "summary.json").read_text())
    status = json.loads(evoke("status", run.folder, "--format", "json").stdout)
    assert summary == status
    assert summary["state"] == "finished" and summary["spent"]["evaluations"] >= 16 * 200
    # A prompt of one's own is measured as the search measures it.
    prompt = best["baseline"]["prompt"]
    own = evoke("evaluate", run.job, "--prompt", prompt, "--format", "json", "--set", "run.name=x")
    assert own.returncode == 0, own.stderr
    measured = json.loads(own.stdout)[0]["measures"]
    assert measured["accuracy"]["value"] == pytest.approx(best["baseline"]["dev"]["accuracy"], abs=1e-9)
    assert measured["loss"]["value"] == pytest.approx(best["baseline"]["dev"]["loss"], rel=1e-6)
