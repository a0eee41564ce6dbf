"""A run: the folder one search produced, as pandas frames."""

import re
import tomllib
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from . import frames, generation, records
from .errors import AnalysisError, DamagedFileError, NotARunError
from .generation import Generation

_GENERATION_FILE = re.compile(r"gen-(\d+)\.h5")


def open_run(path: str | PathLike, *, skip_damaged: bool = False) -> "Run":
    """Opens a run, finished or going on, from the generation files that are there.

    Files that the search did not keep are named in `Run.missing_generations`. A damaged file is an error, or with
    `skip_damaged` a warning, as long as another one is sound. Raises NotARunError, DamagedFileError or
    UnknownFormatError.
    """
    folder = Path(path)
    files = _generation_files(folder)
    generations, warnings = [], _set_aside(folder)
    for number in sorted(files):
        try:
            generations.append(generation.read(files[number]))
        except FileNotFoundError:
            continue  # a search that goes on keeps its newest files only
        except OSError as error:
            raise AnalysisError(files[number], f"cannot be read: {error.strerror or error}") from error
        except DamagedFileError as error:
            if not skip_damaged:
                raise
            warnings.append(f"left out {error}")
    if not generations:
        raise NotARunError(folder, "no generation file is sound:\n" + "\n".join(warnings) if warnings
                           else "no generation is finished yet")
    return Run(folder, generations, warnings)


def _generation_files(folder: Path) -> dict[int, Path]:
    if not folder.is_dir():
        raise NotARunError(folder, "there is no such folder")
    if not (folder / "generations").is_dir():
        raise NotARunError(folder, "is no run: it has no folder 'generations'")
    try:
        found = {file: _GENERATION_FILE.fullmatch(file.name) for file in (folder / "generations").iterdir()}
    except OSError as error:
        raise AnalysisError(folder, f"cannot be read: {error.strerror}") from error
    return {int(match[1]): file for file, match in found.items() if match}


def _set_aside(folder: Path) -> list[str]:
    return [f"{file} was set aside as damaged when the search was resumed"
            for file in sorted((folder / "generations").glob("*.damaged"))]


class Run:
    """The frames of docs/analysis.md. Made by open_run."""

    def __init__(self, path: Path, generations: list[Generation], warnings: list[str]):
        self.path = path
        self.generations = generations
        """The generation files that are there, oldest first."""
        self.warnings = warnings
        """What could not be read, one line each."""
        self.newest = generations[-1]
        self.job: dict = tomllib.loads(self.newest.job)
        self.directions = self.newest.directions
        """Objective → "max" or "min", in the job's order."""
        self.primary = next(iter(self.directions), self.newest.task_measures[0])
        """The first objective: what "best" goes by."""
        self.measures = [*self.newest.task_measures, "prompt_tokens", "generated_tokens"]
        self.summary = records.summary(path / "summary.json", warnings)
        self.events = records.events(path / "events.jsonl", warnings)

    # ---- what was searched -------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.job.get("run", {}).get("name") or self.path.name

    @property
    def seed(self) -> int:
        return self.job.get("run", {}).get("seed", 0)

    @property
    def algorithm(self) -> str:
        return self.job.get("search", {}).get("algorithm", "")

    @property
    def state(self) -> str:
        """finished, stopped or running, as the program last noted; unknown without summary.json."""
        return self.summary.get("state", "unknown")

    @property
    def missing_generations(self) -> list[int]:
        """Generations up to the newest whose files are not there."""
        present = {file.number for file in self.generations}
        return [number for number in range(self.newest.number + 1) if number not in present]

    def direction(self, measure: str) -> str:
        """"max" or "min": the job's, or what is usual for a measure that is no objective."""
        return self.directions.get(measure, "max" if measure == "accuracy" else "min")

    def sign(self, measure: str) -> int:
        """+1 where more is better, -1 where less is."""
        return 1 if self.direction(measure) == "max" else -1

    # ---- individuals -------------------------------------------------------------------------

    @cached_property
    def individuals(self) -> pd.DataFrame:
        """Everybody in any generation file, by id: genome, origin, measures, last generation survived."""
        return frames.individuals(self.generations)

    @cached_property
    def objectives(self) -> pd.DataFrame:
        """By individual, a column an objective; NaN when infeasible."""
        return frames.objectives(self.generations)

    @cached_property
    def population(self) -> pd.DataFrame:
        """Who survived each generation, best first, with the front each belongs to (0: not dominated)."""
        parts = [pd.DataFrame({
            "generation": file.number,
            "position": np.arange(len(file.population)),
            "individual": file.population["individual"].to_numpy(),
            "front_rank": file.front_rank,
        }) for file in self.generations]
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def lineage(self) -> pd.DataFrame:
        """One row an edge: parent, child, operator, generation, and what the child gained over this parent in the
        first objective (positive: better). Parents may be missing from `individuals` when files are."""
        return frames.lineage(self.individuals, self.objectives[self.primary], self.sign(self.primary))

    def ancestors(self, individual: int) -> pd.DataFrame:
        """The individual and all its known ancestors, oldest first: steps away, operator, value, gain over the best
        known parent, and whether it stands on the main line (from child to best parent to its best parent …)."""
        if individual not in self.individuals.index:
            raise KeyError(f"individual {individual} is in no generation file of {self.path}")
        return frames.ancestors(individual, self.individuals, self.objectives[self.primary],
                                self.sign(self.primary))

    # ---- outcomes ----------------------------------------------------------------------------

    @cached_property
    def scores(self) -> pd.DataFrame:
        """The score matrix as a long frame: one row an outcome on a dev example."""
        return frames.scores(self.generations)

    @cached_property
    def test_scores(self) -> pd.DataFrame:
        """The same for test examples: baseline and front only, empty until they are taken."""
        return self.newest.test

    def matrix(self, measure: str | None = None, split: str = "dev") -> pd.DataFrame:
        """individual × example of one measure (default: the task's first), or of "status"; NaN: not measured."""
        long = {"dev": lambda: self.scores, "test": lambda: self.test_scores}[split]()
        return long.pivot(index="individual", columns="example", values=measure or self.newest.task_measures[0])

    # ---- results -----------------------------------------------------------------------------

    @cached_property
    def archive(self) -> pd.DataFrame:
        """Baseline first, then the front: dev and, once taken, test values with 95 % intervals."""
        return frames.archive(self.newest, self.directions, self.primary)

    @property
    def front(self) -> pd.DataFrame:
        return self.archive[self.archive["role"] == "front"]

    @property
    def baseline(self) -> pd.Series:
        """The best prompt of the first population."""
        return self.archive.iloc[0]

    @property
    def suggested(self) -> pd.Series:
        """The automatic balance of the front; the baseline while nothing feasible is known."""
        chosen = self.archive[self.archive["suggested"]]
        return chosen.iloc[0] if len(chosen) else self.baseline

    @property
    def best(self) -> pd.Series:
        """The best of the front in the first objective; among equals the one with fewer prompt tokens."""
        ranked = self.front.assign(cost=-self.sign(self.primary) * self.front[f"dev_{self.primary}"])
        ranked = ranked.dropna(subset="cost").sort_values(["cost", "prompt_tokens", "individual"])
        return ranked.iloc[0].drop("cost") if len(ranked) else self.baseline

    # ---- how it went -------------------------------------------------------------------------

    @cached_property
    def proposals(self) -> pd.DataFrame:
        """Everything operators proposed in the generations whose files are there, accepted or refused."""
        return pd.concat([file.proposals for file in self.generations], ignore_index=True)

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """By generation: cumulative cost, best and mean of each objective, seconds, provenance."""
        return frames.statistics(self.generations, self.directions, records.seconds_of(self.events))

    @cached_property
    def usage(self) -> pd.DataFrame:
        """By generation and rank: host, device, units, busy seconds, and their share of the generation."""
        parts = [file.usage.assign(generation=file.number, wall_seconds=file.statistics["wall_seconds"])
                 for file in self.generations]
        usage = pd.concat(parts, ignore_index=True)
        usage["share"] = usage["busy_seconds"] / usage["wall_seconds"].where(usage["wall_seconds"] > 0)
        return usage[["generation", *[name for name in usage.columns if name != "generation"]]]

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """All frames by name, as `evoke-analysis export` writes them."""
        return {name: getattr(self, name) for name in (
            "individuals", "objectives", "population", "lineage", "scores", "test_scores", "archive", "proposals",
            "statistics", "usage", "events")}
