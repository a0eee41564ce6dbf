"""The target-output search: the prompt's own tokens change until the model continues with the target."""

import itertools
import json
import re

from searches import data_folder, evoke

# A space at the end: this tokenizer keeps it with the word before.
HIDDEN = [
    "One day, a girl named ", "The cat sat on the ", "Tom and Lily went to the ", "The sun was very ",
    "Mom said to the little ", "He wanted to play with ", "The dog ran to the ", "They lived in a big ",
    "She was happy because she ", "Once there was a small ",
]
START = "it we of on up to"


def answer(verb, *requests):
    model = data_folder() / "models/TinyStories-656K"
    numerics = ["--dtype", "float32"] if verb == "generate" else []
    result = evoke(verb, "--model", model, *numerics, input="".join(json.dumps(r) + "\n" for r in requests))
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def distance(a, b):
    """Places with another token, missing ones included."""
    return sum(x != y for x, y in itertools.zip_longest(a, b))


def test_hidden_targets_are_reached(search):
    """Targets of three tokens or more, taken from the model's own greedy continuation of a hidden prompt; the start
    has nothing to do with it."""
    reached = 0
    for seed, hidden in enumerate(HIDDEN):
        target = answer("generate", {"prompt": hidden, "max_tokens": 3})[0]
        assert len(target["tokens"]) == 3
        prompts = answer("tokenize", {"text": hidden, "add_special_tokens": False},
                         {"text": START, "add_special_tokens": False})
        assert distance(prompts[0]["ids"], prompts[1]["ids"]) >= 3
        run = search(f"seed{seed}", "target-output", [
            f"run.seed={seed}", f"task.target={json.dumps(target['text'])}", f"search.initial=[{json.dumps(START)}]"])
        result = run.run()
        assert result.returncode == 0, result.stderr
        losses = [float(item) for item in re.findall(r"^  best: weighted_loss ([0-9.]+)", result.stdout, re.M)]
        assert losses == sorted(losses, reverse=True), "the best loss never rises"
        last = result.stdout[: result.stdout.index("The front")]
        if "is reached, the target is not" in last:
            continue
        reached += 1
        # The claim is checked with the engine itself; the same text may be other tokens behind another prompt.
        tokens = best_tokens(run)
        greedy = answer("generate", *({"prompt_ids": [1, *tokens], "max_tokens": n} for n in range(1, 9)))
        assert target["text"].strip() in [reply["text"].strip() for reply in greedy]
    assert reached >= 8, f"{reached} of 10 targets"


def best_tokens(run):
    best = json.loads(evoke("best", run.folder, "--format", "json").stdout)
    summary = json.loads((run.folder / "summary.json").read_text())
    assert summary["generation"] <= summary["generations"]
    return (summary["best"] or best["front"][0])["genome"]["tokens"]


def test_each_iteration_says_prompt_continuation_and_both_losses(search):
    run = search("limit", "target-output", ["search.generations=2"])
    result = run.run()
    assert result.returncode == 0, result.stderr
    said = [line for line in result.stdout.splitlines() if "continues with" in line]
    assert len(said) == 3
    for line in said:
        assert re.search(r"target_loss [0-9.]+", line) and re.search(r"fluency [0-9.]+", line)
    assert "the limit of 2 iterations is reached" in said[-1]
