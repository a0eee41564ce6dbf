"""Is the search worth it? evoprompt-ga against random-search at equal budget, on tasks of the pocket model.

Both get the same population, operators and number of proposals; random search draws its parents from the first population
alone. Test accuracy is that of the best prompt on dev, once, at the end. Prints one line a pair of runs, then the comparison:
mean of the paired differences with a 95 % interval (percentile bootstrap over all pairs of seed and task).

    EVOKE_BUILD_DIR=build/release python tests/bench/search/bench_search.py [--seeds 5] [--tasks sum,who,count]
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).parents[3]
POCKET = SOURCE / "jobs" / "pocket"
ALGORITHMS = ("evoprompt-ga", "random-search")
JOB = """
[run]
name = "{task}-{algorithm}-{seed}"
seed = {seed}
output = "{output}"

[model]
path = "{pocket}/model"
dtype = "float32"

[task]
dev = "{pocket}/tasks/{task}.dev.jsonl"
test = "{pocket}/tasks/{task}.test.jsonl"
demonstrations = "{pocket}/tasks/{task}.demonstrations.jsonl"
dev_size = 100
template = "task: {{instruction}}\\n{{demonstrations}}input: {{input}}\\noutput:"
demonstration = "input: {{input}}\\noutput: {{output}}\\n"
answer = "generated"
extract = "(\\\\S+)\\\\s*$"
stop = ["\\n"]
max_tokens = 64

[search]
algorithm = "{algorithm}"
population = 10
generations = {generations}
initial_file = "{pocket}/tasks/{task}.initial.txt"
meta_prompts = "{pocket}/meta"
operators = ["lm-crossover-mutation", "lm-paraphrase", "lm-improve"]
temperature = 0.8
proposal_tokens = 48
max_prompt_tokens = 64

[objectives]
accuracy = "max"
"""


def search(program, folder, **values):
    """What one search found: best dev accuracy of each generation, test accuracies of the best and of the baseline."""
    job = folder / "job.toml"
    job.write_text(JOB.format(output=folder, pocket=POCKET, **values))
    subprocess.run([program, "launch", "-n", "2", "--log-level", "error", job], check=True, stdout=subprocess.DEVNULL)
    run = folder / "{task}-{algorithm}-{seed}".format(**values)
    summary = json.loads((run / "summary.json").read_text())
    events = map(json.loads, (run / "events.jsonl").read_text().splitlines())
    dev = [event["best"]["objectives"][0] for event in events if event["event"] == "generation"]
    accuracy = {name: summary[name]["test"]["accuracy"]["value"] for name in ("best", "baseline")}
    return {"dev": dev, **accuracy}


def generations_until_near(dev, distance=0.02):
    return next(generation for generation, best in enumerate(dev) if best >= dev[-1] - distance)


def interval(values):
    """Of the mean, with 95 % confidence."""
    draw = random.Random(0)
    means = sorted(statistics.mean(draw.choices(values, k=len(values))) for _ in range(10_000))
    return means[250], means[-251]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--tasks", default="sum,who,count")
    options.add_argument("--generations", type=int, default=12)
    chosen = options.parse_args()
    program = pathlib.Path(os.environ["EVOKE_BUILD_DIR"], "bin", "evoke").resolve()
    differences, gains, near = {}, [], []
    print("task   seed  baseline      GA  random   GA per generation (dev)")
    for task in chosen.tasks.split(","):
        for seed in range(1, chosen.seeds + 1):
            found = {}
            for algorithm in ALGORITHMS:
                with tempfile.TemporaryDirectory() as folder:
                    found[algorithm] = search(
                        program, pathlib.Path(folder), task=task, seed=seed, algorithm=algorithm, generations=chosen.generations
                    )
            ga, baseline = (found[algorithm] for algorithm in ALGORITHMS)
            differences.setdefault(task, []).append(ga["best"] - baseline["best"])
            gains.append(ga["best"] - ga["baseline"])
            near.append(generations_until_near(ga["dev"]))
            curve = " ".join(f"{value:.2f}" for value in ga["dev"])
            print(f"{task:6} {seed:4}  {ga['baseline']:8.3f}  {ga['best']:6.3f}  {baseline['best']:6.3f}   {curve}", flush=True)
    for task, values in differences.items():
        print(f"{task}: GA minus random search, test accuracy: {statistics.mean(values):+.3f}")
    together = [value for values in differences.values() for value in values]
    low, high = interval(together)
    print(f"all {len(together)} pairs: {statistics.mean(together):+.3f} [{low:+.3f}, {high:+.3f}]")
    print(f"generations until within 0.02 of the best: median {statistics.median(near)}, least {min(near)}")
    print(f"gain over the first population: mean {statistics.mean(gains):.3f}, least {min(gains):.3f}")
    assert low > 0, "the search is not worth it"
    assert min(gains) >= 0.30, "a search ends less than 0.30 above its first population"


if __name__ == "__main__":
    main()
