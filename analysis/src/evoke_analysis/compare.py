"""Several runs beside each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike

import pandas as pd

from .run import Run, open_run


@dataclass
class Comparison:
    progress: pd.DataFrame
    """One row a generation of a run: run, algorithm, seed, objective, generation, evaluations, tokens, seconds, and
    `dev`: the best value of the first objective among all individuals measured so far."""
    outcomes: pd.DataFrame
    """One row a run: what was spent, and dev and test of the baseline, the best and the suggested prompt."""

    def at_tokens(self, tokens: float) -> pd.Series:
        """The best dev value that each run had reached when it had spent this many tokens; NaN before its first."""
        reached = self.progress[self.progress["tokens"] <= tokens]
        last = reached.groupby("run", sort=False)["dev"].last()
        return last.reindex(self.outcomes["run"]).rename("dev")


def compare(runs: Iterable[Run | str | PathLike]) -> Comparison:
    """Frames over several runs, given open or as paths. Runs of one name are told apart by their folders."""
    opened = [run if isinstance(run, Run) else open_run(run) for run in runs]
    if not opened:
        raise ValueError("nothing to compare: no run was given")
    names = [run.name for run in opened]
    labels = [str(run.path) if names.count(run.name) > 1 else run.name for run in opened]
    progress = [_progress(run, label) for run, label in zip(opened, labels)]
    outcomes = [_outcome(run, label) for run, label in zip(opened, labels)]
    return Comparison(pd.concat(progress, ignore_index=True), pd.DataFrame(outcomes))


def _head(run: Run, label: str) -> dict:
    return {"run": label, "algorithm": run.algorithm, "seed": run.seed, "objective": run.primary}


def _progress(run: Run, label: str) -> pd.DataFrame:
    spent = run.statistics.reset_index()[["generation", "evaluations", "tokens", "seconds", f"best_{run.primary}"]]
    spent = spent.rename(columns={f"best_{run.primary}": "dev"})
    return spent.assign(**_head(run, label))[[*_head(run, label), *spent.columns]]


def _outcome(run: Run, label: str) -> dict:
    last = run.statistics.iloc[-1]
    row = _head(run, label) | {"state": run.state, "generation": run.statistics.index[-1]}
    row |= {name: last[name] for name in ("evaluations", "tokens", "seconds")}
    for role, entry in (("baseline", run.baseline), ("best", run.best), ("suggested", run.suggested)):
        for split in ("dev", "test"):
            name = f"{split}_{run.primary}"
            for end in ("", "_low", "_high"):
                row[f"{role}_{split}{end}"] = entry.get(name + end, float("nan"))
        row[f"{role}_prompt_tokens"] = entry["prompt_tokens"]
        row[f"{role}_instruction"] = entry["instruction"]
    return row
