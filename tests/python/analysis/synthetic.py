"""Writes runs as docs/checkpoint-format.md describes them, in Python: what the analysis package reads need not come
from a search, and no search makes every odd run that a reader may meet."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

NO_CHILD = 2**64 - 1
STATUS = ["ok", "unparsed", "overflow"]
VERDICTS = ["accepted", "truncated", "empty", "too_long", "duplicate", "malformed"]


@dataclass
class Person:
    """An individual. `measures` as the file holds them: the task's, then prompt tokens and generated tokens."""

    id: int
    instruction: str
    measures: list[float]
    objectives: list[float]
    parents: tuple[int, ...] = ()
    operator: str = "initial"
    generation: int = 0
    slot: int = 0
    attempt: int = 0
    demonstrations: tuple[int, ...] = ()
    tokens: tuple[int, ...] = ()
    feasible: bool = True


@dataclass
class Attempt:
    slot: int
    operator: str
    verdict: str
    raw: str = ""
    parents: tuple[int, ...] = ()
    child: int | None = None
    attempt: int = 0
    prompt_tokens: int = 30
    generated_tokens: int = 10


@dataclass
class File:
    """One generation file. `scores` and `test`: individual → example → (values, status)."""

    number: int
    job: str
    population: list[Person]
    archive: list[Person]
    born: list[Person]
    scores: dict = field(default_factory=dict)
    test: dict = field(default_factory=dict)
    proposals: list[Attempt] = field(default_factory=list)
    measures: tuple[str, ...] = ("accuracy", "loss")
    objectives: tuple[tuple[str, str], ...] = (("accuracy", "max"), ("prompt_tokens", "min"))
    evaluations: int = 0
    prompt_tokens: int = 0
    generated_tokens: int = 0
    proposed: int = 0
    wall_seconds: float = 2.0
    usage: tuple[tuple[int, str, str, int, float, bool], ...] = ((0, "node1", "cpu", 8, 1.5, False),)
    cache_hits: int = 0
    cache_misses: int = 0
    finished: bool = False
    note: str = ""
    version: tuple[int, int] = (1, 0)

    def save(self, run: Path) -> Path:
        folder = run / "generations"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"gen-{self.number:06}.h5"
        with h5py.File(path, "w", userblock_size=512) as file:
            self._write(file)
        seal(path, self.version)
        return path

    def _write(self, file: h5py.File) -> None:
        file.attrs.update({
            "format": "evoke-generation", "format_version": f"{self.version[0]}.{self.version[1]}",
            "software": "evoke", "software_version": "0.1.0", "created": "2025-01-02T03:04:05Z",
            "hardware": "a processor", "ranks": str(len(self.usage)), "slurm_job": "", "restarts": "0",
            "previous_digest": "", "digest": f"{self.number:064x}"})
        texts(file, "setting/job", [self.job])
        texts(file, "setting/measures", self.measures)
        texts(file, "setting/objectives", [name for name, _ in self.objectives])
        coded(file, "setting/directions", [int(way == "max") for _, way in self.objectives], ["minimise", "maximise"])
        texts(file, "setting/identity_names", ["data", "model"])
        texts(file, "setting/identity_values", ["d" * 64, "e" * 64])
        for name in ("population", "archive", "born"):
            people(file, name, getattr(self, name), len(self.objectives))
        file["population/front_rank"] = np.zeros(len(self.population), np.uint32)
        outcomes(file, "scores", self.scores, len(self.measures))
        outcomes(file, "archive/test", self.test, len(self.measures))
        attempts(file, self.number, self.proposals)
        file["seen/hash"] = np.zeros((0, 2), np.uint64)
        self._write_statistics(file.create_group("statistics"))

    def _write_statistics(self, group: h5py.Group) -> None:
        for name, value in {
            "generation": np.uint32(self.number), "next_id": np.uint64(0), "finished": np.uint8(self.finished),
            "evaluations": np.uint64(self.evaluations), "prompt_tokens": np.uint64(self.prompt_tokens),
            "generated_tokens": np.uint64(self.generated_tokens), "proposals": np.uint64(self.proposed),
            "wall_seconds": np.float64(self.wall_seconds), "cache_hits": np.uint64(self.cache_hits),
            "cache_misses": np.uint64(self.cache_misses),
        }.items():
            group[name] = value
        texts(group, "note", [self.note])
        ranks = list(zip(*self.usage)) or [()] * 6
        group["usage/rank"] = np.array(ranks[0], np.int32)
        texts(group, "usage/host", ranks[1])
        texts(group, "usage/device", ranks[2])
        group["usage/units"] = np.array(ranks[3], np.uint64)
        group["usage/busy_seconds"] = np.array(ranks[4], np.float64)
        coded(group, "usage/lost", ranks[5], ["present", "lost"])


def seal(path: Path, version: tuple[int, int] = (1, 0)) -> None:
    """Puts the right seal before whatever the file holds."""
    content = path.read_bytes()[512:]
    lines = f"evoke generation file\nformat {version[0]}.{version[1]}\nbytes {512 + len(content)}\n".encode()
    lines += b"sha256 " + hashlib.sha256(lines + content).hexdigest().encode() + b"\n"
    path.write_bytes(lines.ljust(512, b"\0") + content)


def texts(group: h5py.Group, name: str, values) -> None:
    lists(group, name, [text.encode() for text in values], np.uint8, "blob")


def lists(group: h5py.Group, name: str, values, dtype, values_name: str = "values") -> None:
    lengths = [len(value) for value in values]
    group[f"{name}/{values_name}"] = np.array([item for value in values for item in value], dtype)
    group[f"{name}/offsets"] = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint64)


def coded(group: h5py.Group, name: str, codes, categories: list[str]) -> None:
    group[name] = np.array(codes, np.uint8)
    group[name].attrs["categories"] = categories


def people(file: h5py.File, path: str, who: list[Person], objectives: int) -> None:
    group = file.create_group(path)
    for name, column, dtype in (("id", "id", np.uint64), ("generation", "generation", np.uint32),
                                ("slot", "slot", np.uint32), ("attempt", "attempt", np.uint32)):
        group[name] = np.array([getattr(person, column) for person in who], dtype)
    texts(group, "instruction", [person.instruction for person in who])
    texts(group, "operation", [person.operator for person in who])
    lists(group, "demonstrations", [person.demonstrations for person in who], np.uint32)
    lists(group, "tokens", [person.tokens for person in who], np.int32)
    lists(group, "parents", [person.parents for person in who], np.uint64)
    coded(group, "feasible", [person.feasible for person in who], ["infeasible", "feasible"])
    group["objectives"] = np.array([person.objectives for person in who], np.float64).reshape(len(who), objectives)
    width = len(who[0].measures) if who else 0
    group["measures"] = np.array([person.measures for person in who], np.float64).reshape(len(who), width)


def outcomes(file: h5py.File, path: str, rows: dict, width: int) -> None:
    entries = [(example, *rows[individual][example]) for individual in rows for example in sorted(rows[individual])]
    group = file.create_group(path)
    group["individual"] = np.array(list(rows), np.uint64)
    group["examples"] = np.arange(len(rows), dtype=np.uint32)
    lists(group, "example_lists", [sorted(row) for row in rows.values()], np.uint32)
    group["offsets"] = np.concatenate([[0], np.cumsum([len(row) for row in rows.values()])]).astype(np.uint64)
    group["values"] = np.array([entry[1] for entry in entries], np.float32).reshape(len(entries), width).T
    coded(group, "status", [STATUS.index(entry[2]) for entry in entries], STATUS)
    group["prompt_tokens"] = np.full(len(entries), 40, np.uint32)
    group["generated_tokens"] = np.zeros(len(entries), np.uint32)
    group["seconds"] = np.full(len(entries), 0.01, np.float32)


def attempts(file: h5py.File, generation: int, made: list[Attempt]) -> None:
    group = file.create_group("proposals")
    group["generation"] = np.full(len(made), generation, np.uint32)
    for name in ("slot", "attempt", "prompt_tokens", "generated_tokens"):
        group[name] = np.array([getattr(attempt, name) for attempt in made], np.uint32)
    texts(group, "operation", [attempt.operator for attempt in made])
    texts(group, "raw", [attempt.raw for attempt in made])
    lists(group, "parents", [attempt.parents for attempt in made], np.uint64)
    coded(group, "verdict", [VERDICTS.index(attempt.verdict) for attempt in made], VERDICTS)
    group["child"] = np.array([NO_CHILD if a.child is None else a.child for a in made], np.uint64)


def write_events(run: Path, *events: dict) -> None:
    lines = [json.dumps({"time": "2025-01-02T03:04:05Z"} | event) + "\n" for event in events]
    (run / "events.jsonl").write_text("".join(lines))
