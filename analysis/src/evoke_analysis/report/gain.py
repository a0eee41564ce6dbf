"""What was won: the prompts that matter most, side by side."""

import math

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .. import statistics as stats
from ..run import Run
from . import figure as fig
from . import html
from .measures import dev_axis, measure


def build(run: Run) -> str:
    """Numbers of the prompts that matter most, side by side."""
    entries = notable(run)
    return html.section("gain", "What was won", _intervals(run, entries), _table(run, entries))


def notable(run: Run) -> list[tuple[str, pd.Series]]:
    """The baseline, the suggested prompt and the best in the first objective, each once."""
    best = f"best {measure(run.primary).label}"
    entries = [("baseline", run.baseline), ("suggested", run.suggested), (best, run.best)]
    kept: list[tuple[str, pd.Series]] = []
    for title, entry in entries:
        same = next((i for i, (_, other) in enumerate(kept) if other["individual"] == entry["individual"]), None)
        if same is None:
            kept.append((title, entry))
        else:
            kept[same] = (f"{kept[same][0]} = {title}", kept[same][1])
    return kept


def split_of(run: Run) -> str:
    """Test where it was taken, else dev."""
    return "test" if len(run.test_scores) else "dev"


def paired_gain(run: Run, entry: pd.Series, other: pd.Series) -> stats.Interval | None:
    """How much better `entry` is than `other` in the first objective, over the examples both were measured on."""
    scores = run.test_scores if split_of(run) == "test" else run.scores
    if run.primary not in scores.columns or entry["individual"] == other["individual"]:
        return None
    rows = [scores[scores["individual"] == one["individual"]].set_index("example")[run.primary]
            for one in (entry, other)]
    differences = (rows[0] - rows[1]).dropna().to_numpy() * run.sign(run.primary)
    return stats.mean(differences) if len(differences) else None


def _intervals(run: Run, entries: list[tuple[str, pd.Series]]) -> str:
    goal = measure(run.primary)
    splits = [split for split in ("test", "dev") if f"{split}_{run.primary}" in run.archive
              and run.archive[f"{split}_{run.primary}"].notna().any()]
    if not splits or len(entries) < 2:
        return ""

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        shown = []
        for i, (_, entry) in enumerate(entries):
            for split in splits:
                name = f"{split}_{run.primary}"
                value, low, high = (entry[name + end] * goal.scale for end in ("", "_low", "_high"))
                y = i + (0.13 if split == "dev" and len(splits) > 1 else -0.13 if len(splits) > 1 else 0)
                colour = fig.BLUE if split == "test" else fig.MUTED
                axes.plot([low, high], [y, y], color=colour, linewidth=2 if split == "test" else 1.2)
                axes.plot(value, y, "o", color=colour, markersize=7 if split == "test" else 5,
                          markerfacecolor=colour if split == "test" else "white", label=split if i == 0 else None)
                shown += [value, low, high]
        axes.set_yticks(range(len(entries)), [title.replace(" = ", "\n= ") for title, _ in entries])
        axes.tick_params(axis="y", labelcolor=fig.INK)
        axes.set_ylim(len(entries) - 0.5, -0.5)
        fig.room(axes, np.array(shown), "x")
        axes.set_xlabel(goal.axis)
        axes.grid(axis="y", visible=False)
        if len(splits) > 1:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)

    caption = f"{goal.label.capitalize()} with 95 % intervals"
    caption += " (Wilson). " if goal.name == "accuracy" else ". "
    if splits == ["test", "dev"]:
        caption += ("What counts is the filled mark: test examples were looked at once, at the end. Dev numbers of a "
                    "winner are flattered, because the search selected on them.")
    else:
        caption += "Dev numbers of a winner are flattered, because the search selected on them."
    return fig.figure("gain-figure", f"{goal.label} of the most notable prompts", caption, draw,
                      height=0.9 + 0.55 * len(entries))


def _table(run: Run, entries: list[tuple[str, pd.Series]]) -> str:
    head = ["", *[title for title, _ in entries]]
    rows = []
    for name in run.measures:
        for split in ("test", "dev"):
            column = name if name == "prompt_tokens" else f"{split}_{name}"
            twice = column == name and split == "dev"
            if column not in run.archive or run.archive[column].isna().all() or twice:
                continue
            if name == "generated_tokens" and (run.archive[column].dropna() == 0).all():
                continue
            kind = measure(name)
            title = kind.axis if column == name else dev_axis(run, name) if split == "dev" else f"test {kind.axis}"
            rows.append([title, *[kind.with_interval(*(entry.get(column + end, math.nan)
                                                       for end in ("", "_low", "_high"))).replace(f" {kind.unit}", "")
                                  for _, entry in entries]])
    return html.table(head, rows, numeric=range(1, len(head)))
