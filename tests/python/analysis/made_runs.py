"""Runs made for tests: a tiny one whose every number is known, and one as large and untidy as a real search."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from synthetic import Attempt, File, Person, write_events

JOB = """
[run]
name = "tiny"
seed = 7
[model]
path = "/models/small-model"
[task]
dev = "/data/reviews/dev.txt"
test = "/data/reviews/test.txt"
answer = "likelihood"
labels = ["bad", "good"]
[search]
algorithm = "evoprompt-ga"
population = 2
generations = 2
[objectives]
accuracy = "max"
prompt_tokens = "min"
"""


def person(id: int, accuracy: float, tokens: int, text: str, **history) -> Person:
    return Person(id, text, [accuracy, 1 - accuracy, float(tokens), 0.0], [accuracy, float(tokens)], **history)


def row(*right: int, first: int = 0) -> dict:
    return {first + i: ((float(r), 1.0 - r), "ok") for i, r in enumerate(right)}


def tiny_run(folder: Path) -> Path:
    """Three generations, two individuals each, four dev and ten test examples."""
    a = person(0, 0.50, 6, "Say how the review feels.")
    b = person(1, 0.25, 3, "Feeling?")
    c = person(2, 0.25, 9, "What do you think of this one, then?")
    d = person(3, 0.75, 8, "Say whether the review feels good.", parents=(0, 1), operator="lm-crossover", generation=1)
    e = person(4, 1.00, 12, "Say whether the review feels good or bad to you.", parents=(3, 0),
               operator="lm-crossover", generation=2, slot=1, attempt=1)
    f = person(5, 0.50, 4, "Good or bad?", parents=(3,), operator="edit-delete", generation=2)
    scores = {0: row(1, 1, 0, 0), 1: row(1, 0, 0, 0), 2: row(0, 0, 0, 1), 3: row(1, 1, 1, 0), 4: row(1, 1, 1, 1),
              5: row(1, 0, 1, 0)}
    test = {0: row(*[1] * 5, *[0] * 5, first=10), 1: row(*[1] * 3, *[0] * 7, first=10),
            3: row(*[1] * 7, *[0] * 3, first=10), 4: row(*[1] * 9, 0, first=10), 5: row(*[1] * 6, *[0] * 4, first=10)}

    def only(*ids: int) -> dict:
        return {id: scores[id] for id in ids}

    two = ((0, "node1", "cpu", 6, 1.5, False), (1, "node2", "cpu", 2, 0.5, True))
    files = [
        File(0, JOB, [a, b], [a, a, b], [a, b, c], only(0, 1, 2), evaluations=12, prompt_tokens=480, usage=two,
             cache_misses=12, note="best accuracy 0.5000"),
        File(1, JOB, [d, a], [a, a, b, d], [d], only(0, 1, 3), evaluations=16, prompt_tokens=740,
             generated_tokens=30, proposed=3, usage=two, cache_hits=1, cache_misses=6, proposals=[
                 Attempt(0, "lm-crossover", "duplicate", "<prompt>Feeling?</prompt>", (0, 1)),
                 Attempt(0, "lm-crossover", "accepted", "<prompt>…</prompt>", (0, 1), 3, 1),
                 Attempt(1, "edit-delete", "empty", "", (0,), None, 0)]),
        File(2, JOB, [e, d], [a, b, d, e, f], [f, e], only(0, 1, 3, 4, 5), test, evaluations=24, prompt_tokens=1200,
             generated_tokens=80, proposed=6, usage=two, cache_misses=58, finished=False, proposals=[
                 Attempt(0, "edit-delete", "accepted", "Good or bad?", (3,), 5),
                 Attempt(1, "lm-crossover", "too_long", "<prompt>long</prompt>", (3, 0)),
                 Attempt(1, "lm-crossover", "accepted", "<prompt>…</prompt>", (3, 0), 4, 1)]),
    ]
    for file in files:
        file.save(folder)
    write_events(folder, {"event": "start", "ranks": 2},
                 *[{"event": "generation", "generation": g, "seconds": 2.0} for g in range(3)], {"event": "end"})
    (folder / "summary.json").write_text(json.dumps({"format": "evoke-summary", "version": 1, "state": "finished"}))
    return folder


def target_run(folder: Path) -> Path:
    """A target-output search: losses instead of accuracy, one example, no test, no proposals in its only generation."""
    job = '[run]\nname = "target"\n[model]\npath = "m"\n[task]\nanswer = "target"\ntarget = " learn programming is"\n' \
          '[search]\nalgorithm = "target-search"\ngenerations = 60\ninitial = ["The best way to"]\n' \
          '[objectives]\nweighted_loss = "min"\n'
    only = Person(0, "The best way to", [4.5, 4.25, 2.5, 4.0, 0.0], [4.5], tokens=(1, 2, 3, 4))
    File(0, job, [only], [only, only], [only], {0: {0: ((4.5, 4.25, 2.5), "ok")}},
         measures=("weighted_loss", "target_loss", "fluency"), objectives=(("weighted_loss", "min"),),
         evaluations=1, prompt_tokens=8, usage=(), wall_seconds=0.0).save(folder)
    return folder


WORDS = ("Read the review and decide whether its tone is positive or negative . Answer with one word only think about "
         "what the writer feels judge sentence film carefully before you reply classify opinion expressed text as "
         "good bad overall mood great terrible briefly state").split()
OPERATORS = ("lm-crossover-mutation", "lm-paraphrase", "edit-delete", "edit-exchange", "lm-complete")


class MadeSearch:
    """A search whose model is a coin: accuracy grows with chance, prompts are edited for real."""

    def __init__(self, seed: int, population: int, generations: int, examples: int, tests: int, ranks: int):
        self.random = np.random.default_rng(seed)
        self.population, self.generations, self.ranks = population, generations, ranks
        self.examples, self.tests = range(examples), range(examples, examples + tests)
        self.skill: dict[int, float] = {}
        self.rows: dict[int, dict] = {}
        self.next_id = 0

    def birth(self, text: str, skill: float, **history) -> Person:
        id, self.next_id = self.next_id, self.next_id + 1
        self.skill[id] = min(0.93, max(0.3, skill))
        self.rows[id] = self.row(id, self.examples)
        right = [values[0] for values, _ in self.rows[id].values()]
        tokens = 1 + round(1.25 * len(text.split()))
        generated = round(1.2 + 0.05 * (tokens % 13), 2)
        accuracy = float(np.mean(right))
        loss = float(np.mean([values[1] for values, _ in self.rows[id].values()]))
        return Person(id, text, [accuracy, loss, tokens, generated], [accuracy, tokens, generated], **history)

    def row(self, id: int, examples: range) -> dict:
        right = self.random.random(len(examples)) < self.skill[id]
        return {e: ((float(r), float(self.random.exponential(0.4 if r else 1.6))), "ok" if self.random.random() < 0.98
                    else "unparsed") for e, r in zip(examples, right)}

    def child(self, parents: list[Person], operator: str, generation: int, slot: int, attempt: int) -> Person:
        words = parents[0].instruction.split()
        for _ in range(1 + int(self.random.integers(4))):
            at = int(self.random.integers(len(words)))
            change = str(self.random.choice(WORDS))
            if operator == "edit-delete" and len(words) > 3:
                del words[at]
            elif self.random.random() < 0.6:
                words.insert(at, change)
            else:
                words[at] = change
        skill = max(self.skill[parent.id] for parent in parents) + self.random.normal(0.004, 0.05)
        return self.birth(" ".join(words), skill, parents=tuple(parent.id for parent in parents), operator=operator,
                          generation=generation, slot=slot, attempt=attempt)

    def breed(self, population: list[Person], generation: int) -> tuple[list[Person], list[Attempt]]:
        born, attempts = [], []
        for slot in range(self.population):
            operator = OPERATORS[slot % len(OPERATORS)]
            chosen = self.random.choice(len(population), 2 if "x" in operator or "cross" in operator else 1, False)
            parents = [population[i] for i in chosen]
            ids = tuple(parent.id for parent in parents)
            for attempt in range(3):
                if self.random.random() < (0.35 if operator.startswith("lm") else 0.12):
                    verdict = str(self.random.choice(["truncated", "duplicate", "duplicate", "malformed", "too_long"]))
                    raw = "<prompt>Read the <b>review</b> and" + " again" * int(self.random.integers(20))
                    attempts.append(Attempt(slot, operator, verdict, raw, ids, None, attempt))
                    continue
                born.append(self.child(parents, operator, generation, slot, attempt))
                raw = f"<prompt>{born[-1].instruction}</prompt>"
                attempts.append(Attempt(slot, operator, "accepted", raw, ids, born[-1].id, attempt))
                break
        return born, attempts

    def usage(self, wall: float) -> tuple:
        return tuple((rank, f"node{1 + rank // 4}", "cuda:%d" % (rank % 4), int(self.random.integers(20, 60)),
                      wall * float(self.random.uniform(0.72, 0.97)), False) for rank in range(self.ranks))


def dominates(a: Person, b: Person) -> bool:
    costs = [(-p.objectives[0], *p.objectives[1:]) for p in (a, b)]
    return all(x <= y for x, y in zip(*costs)) and costs[0] != costs[1]


def made_run(folder: Path, *, seed: int = 1, population: int = 10, generations: int = 12, examples: int = 200,
             tests: int = 400, ranks: int = 8, first_kept: int = 0) -> Path:
    """A run like a real search's, with three objectives."""
    search = MadeSearch(seed, population, generations, examples, tests, ranks)
    job = JOB.replace("tiny", "made").replace("generations = 2", f"generations = {generations}")
    job = job.replace("population = 2", f"population = {population}") + 'generated_tokens = "min"\n'
    born = [search.birth(" ".join(search.random.choice(WORDS, int(search.random.integers(4, 24)))),
                         search.random.uniform(0.48, 0.6)) for _ in range(population + 5)]
    attempts: list[Attempt] = []
    people, everybody, tokens, events = [], [], 0, [{"event": "start", "ranks": ranks}]
    baseline = None
    for generation in range(generations + 1):
        if generation > 0:
            born, attempts = search.breed(people, generation)
        everybody += born
        people = sorted([*people, *born], key=lambda p: (-p.objectives[0], p.objectives[1], p.id))[:population]
        baseline = baseline or people[0]
        front = [p for p in everybody if not any(dominates(q, p) for q in everybody)]
        tokens += len(born) * examples * 60
        wall = float(search.random.uniform(8, 14))
        archive = [baseline, *front]
        last = generation == generations
        file = File(generation, job, people, archive, born,
                    {p.id: search.rows[p.id] for p in {q.id: q for q in [*people, *archive, *born]}.values()},
                    {p.id: search.row(p.id, search.tests) for p in {q.id: q for q in archive}.values()} if last else {},
                    attempts, objectives=(("accuracy", "max"), ("prompt_tokens", "min"), ("generated_tokens", "min")),
                    evaluations=len(everybody) * examples, prompt_tokens=tokens, generated_tokens=tokens // 40,
                    wall_seconds=wall, usage=search.usage(wall), cache_hits=40, cache_misses=len(born) * examples,
                    note=f"best accuracy {people[0].objectives[0]:.4f}")
        if generation >= first_kept:
            file.save(folder)
        events.append({"event": "generation", "generation": generation, "seconds": wall})
    write_events(folder, *events, {"event": "end"})
    (folder / "summary.json").write_text(json.dumps({"state": "finished"}))
    return folder


def without_test(folder: Path) -> Path:
    """The tiny run, stopped in its first generation: no test, no proposals."""
    made = tiny_run(folder)
    for number in (1, 2):
        (made / "generations" / f"gen-{number:06}.h5").unlink()
    (made / "summary.json").write_text(json.dumps({"state": "stopped"}))
    return made


def infeasible_run(folder: Path) -> Path:
    """Nothing fits the context: no front, no number anywhere."""
    nan = float("nan")
    job = JOB.replace("tiny", "infeasible")
    lost = Person(0, "Too long " * 40, [nan, nan, 400.0, nan], [nan, 400.0], feasible=False)
    lost = dataclasses.replace(lost, objectives=[nan, nan])
    File(0, job, [lost], [lost], [lost], {0: {0: ((nan, nan), "overflow")}}, evaluations=1).save(folder)
    return folder
