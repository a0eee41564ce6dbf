"""The frames of a run, each made from its generation files. docs/analysis.md says what the columns mean."""

import numpy as np
import pandas as pd

from . import statistics as stats
from .generation import Generation

_OBJECTIVE = "objective:"


def _everybody(generations: list[Generation]) -> pd.DataFrame:
    """One row an individual, by id. Copies in several files are equal, so any will do."""
    parts = [part for file in generations for part in (file.population, file.archive, file.born)]
    everybody = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return everybody.drop_duplicates("individual").set_index("individual").sort_index()


def individuals(generations: list[Generation]) -> pd.DataFrame:
    frame = _everybody(generations)
    frame = frame.drop(columns=[name for name in frame.columns if name.startswith(_OBJECTIVE)])
    survived = pd.concat([pd.Series(file.number, index=file.population["individual"].to_numpy())
                          for file in generations])
    frame["survived_to"] = survived.groupby(level=0).max().reindex(frame.index).astype("Int64")
    return frame


def objectives(generations: list[Generation]) -> pd.DataFrame:
    frame = _everybody(generations).filter(regex=f"^{_OBJECTIVE}")
    return frame.rename(columns=lambda name: name.removeprefix(_OBJECTIVE))


def scores(generations: list[Generation]) -> pd.DataFrame:
    """A row only grows while its individual lives: the newest file that has it has all of it."""
    known: set[int] = set()
    parts = []
    for file in reversed(generations):
        part = file.scores()
        parts.append(part[~part["individual"].isin(known)])
        known.update(part["individual"].unique().tolist())
    return pd.concat(parts, ignore_index=True).sort_values(["individual", "example"], ignore_index=True)


def lineage(individuals: pd.DataFrame, values: pd.Series, sign: int) -> pd.DataFrame:
    edges = individuals[["parents", "operator", "generation"]].explode("parents").dropna(subset="parents")
    edges = edges.reset_index().rename(columns={"individual": "child", "parents": "parent"})
    edges["parent"] = edges["parent"].astype(np.int64)
    gain = sign * (values.reindex(edges["child"]).to_numpy() - values.reindex(edges["parent"]).to_numpy())
    return edges[["parent", "child", "operator", "generation"]].assign(gain=gain)


def ancestors(individual: int, individuals: pd.DataFrame, values: pd.Series, sign: int) -> pd.DataFrame:
    steps = {individual: 0}
    waiting = [individual]
    for current in waiting:
        for parent in individuals.at[current, "parents"]:
            if parent in individuals.index and parent not in steps:
                steps[parent] = steps[current] + 1
                waiting.append(parent)

    def best_parent(child: int) -> int | None:
        known = [parent for parent in individuals.at[child, "parents"] if parent in individuals.index]
        return max(known, key=lambda parent: (np.nan_to_num(sign * values[parent], nan=-np.inf), -parent), default=None)

    main, current = set(), individual
    while current is not None:
        main.add(current)
        current = best_parent(current)
    line = pd.DataFrame({"individual": list(steps), "steps": list(steps.values())}).set_index("individual")
    line = line.join(individuals[["generation", "operator", "parents", "instruction"]])
    line["value"] = values.reindex(line.index)
    line["best_parent"] = pd.array([best_parent(child) for child in line.index], dtype="Int64")
    parent_value = values.reindex(line["best_parent"].astype("float64")).to_numpy()
    line["gain"] = sign * (line["value"].to_numpy() - parent_value)
    line["main"] = line.index.isin(main)
    return line.reset_index().sort_values(["generation", "individual"]).set_index("individual")


def archive(file: Generation, directions: dict[str, str], primary: str) -> pd.DataFrame:
    frame = file.archive.rename(columns={name: f"dev_{name}" for name in (*file.task_measures, "generated_tokens")})
    frame.insert(1, "role", ["baseline"] + ["front"] * (len(frame) - 1))
    front = frame.iloc[1:]
    suggested = np.zeros(len(frame), dtype=bool)
    if len(front):
        points = front[[_OBJECTIVE + name for name in directions]].to_numpy()
        suggested[1 + stats.knee(points, list(directions.values()), front["prompt_tokens"].to_numpy())] = True
    frame.insert(2, "suggested", suggested)
    frame = frame.drop(columns=[name for name in frame.columns if name.startswith(_OBJECTIVE)])
    for split, outcomes in (("dev", file.scores()), ("test", file.test)):
        rows = dict(tuple(outcomes[outcomes["individual"].isin(frame["individual"])].groupby("individual")))
        for name in (*file.task_measures, "generated_tokens"):
            intervals = [_interval(rows.get(individual), name) for individual in frame["individual"]]
            if split == "test":
                frame[f"test_{name}"] = [interval.value for interval in intervals]
            frame[f"{split}_{name}_low"] = [interval.low for interval in intervals]
            frame[f"{split}_{name}_high"] = [interval.high for interval in intervals]
        frame[f"{split}_examples"] = [len(rows.get(individual, ())) for individual in frame["individual"]]
    return frame


def _interval(outcomes: pd.DataFrame | None, measure: str) -> stats.Interval:
    if outcomes is None:
        return stats.Interval(np.nan, np.nan, np.nan)
    return stats.of_measure(measure, outcomes[measure].to_numpy())


def statistics(generations: list[Generation], directions: dict[str, str],
               seconds: dict[int, float]) -> pd.DataFrame:
    rows = [_statistics_row(file, directions) for file in generations]
    frame = pd.DataFrame(rows).set_index("generation")
    seconds = seconds | frame["wall_seconds"].to_dict()
    frame["seconds"] = [sum(seconds.get(g, np.nan) for g in range(number + 1)) for number in frame.index]
    return frame


def _statistics_row(file: Generation, directions: dict[str, str]) -> dict:
    numbers = file.statistics
    row = {name: numbers[name] for name in ("generation", "evaluations", "prompt_tokens", "generated_tokens")}
    row["tokens"] = numbers["prompt_tokens"] + numbers["generated_tokens"]
    row["proposals"] = numbers["proposals"]
    row |= {
        "proposed": len(file.proposals),
        "accepted": int((file.proposals["verdict"] == "accepted").sum()),
        "born": len(file.born),
        "survivors": int((file.population["generation"] == file.number).sum()),
        "population": len(file.population),
        "front": max(0, len(file.archive) - 1),
        "infeasible": int((~file.population["feasible"]).sum()),
    }
    for name, direction in directions.items():
        population = file.population[_OBJECTIVE + name]
        known = pd.concat([population, file.archive[_OBJECTIVE + name]])
        row[f"best_{name}"] = known.max() if direction == "max" else known.min()
        row[f"mean_{name}"] = population.mean()
        row[f"worst_{name}"] = population.min() if direction == "max" else population.max()
    row |= {name: numbers[name] for name in ("wall_seconds", "cache_hits", "cache_misses", "finished", "note")}
    row |= {name: file.attributes.get(name, "") for name in (
        "digest", "software_version", "created", "hardware", "ranks", "slurm_job", "restarts")}
    return row
