"""How the search went: by generation and by what it cost."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..run import Run
from . import figure as fig
from . import html
from .measures import compact, dev_axis, duration, measure, on_dev


def build(run: Run) -> str:
    parts = [_progress(run), _others(run), html.details("Generation by generation", _table(run))]
    return html.section("convergence", "Convergence", *parts)


def _progress(run: Run) -> str:
    table, goal = run.statistics, measure(run.primary)
    best, mean, worst = (table[f"{kind}_{run.primary}"].to_numpy() * goal.scale for kind in ("best", "mean", "worst"))
    if not np.isfinite(best).any():
        return html.note("Nothing could be measured, so there is no curve to draw.")
    if len(table) == 1:
        first = table.iloc[0]
        return html.note("Only one generation is here, so there is no curve to draw: its best "
                         f"{goal.label}{on_dev(run)} is {goal.text(first[f'best_{run.primary}'])}, the mean of its population "
                         f"{goal.text(first[f'mean_{run.primary}'])}.")
    generations, tokens = table.index.to_numpy(), table["tokens"].to_numpy(dtype=float)

    def curve(axes: Axes, x: np.ndarray) -> None:
        mark = "o" if len(x) <= 40 else None
        axes.fill_between(x, worst, best, color=fig.BLUE, alpha=0.09, linewidth=0)
        axes.plot(x, mean, color=fig.MUTED, linewidth=1.4, marker=mark, markersize=3, label="mean of the population")
        axes.plot(x, best, color=fig.BLUE, linewidth=2.2, marker=mark, markersize=4.5, label="best so far",
                  drawstyle="default")

    def draw(figure: Figure, narrow: bool) -> None:
        left, right = figure.subplots(2 if narrow else 1, 1 if narrow else 2, sharey=True)
        curve(left, generations)
        curve(right, tokens)
        fig.room(left, np.concatenate([best, mean, worst]), "y")
        left.set_xlabel("generation")
        fig.whole_numbers(left)
        word = fig.large_numbers(right, tokens.max())
        right.set_xlabel(f"tokens asked of the models ({word})" if word else "tokens asked of the models")
        right.set_xlim(left=0)
        left.set_ylabel(dev_axis(run, run.primary))
        if narrow:
            right.set_ylabel(dev_axis(run, run.primary))
        left.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1 if narrow else 2, borderaxespad=0)

    return fig.figure("convergence-figure", f"{goal.label} by generation and by tokens", _sentence(run), draw,
                      narrow_height=6)


def _sentence(run: Run) -> str:
    goal = measure(run.primary)
    best = run.statistics[f"best_{run.primary}"]
    first, last = best.iloc[0], best.iloc[-1]
    text = f"The best {goal.label}{on_dev(run)} "
    if first == last:
        text += f"stayed at {goal.text(last)}"
    else:
        reached = best.index[np.isclose(best, last, rtol=0, atol=1e-12)][0]
        text += f"went from {goal.text(first)} to {goal.text(last)}, reached in generation {reached}"
        text += ", the newest one" if reached == best.index[-1] else " and not beaten since"
    return text + (". Where the mean closes in on the best, the population has grown alike. The shade reaches from the "
                   "best to the worst of the population.")


def _others(run: Run) -> str:
    table = run.statistics
    # An objective that is always zero (nothing is generated where labels are scored) has nothing to show.
    names = [name for name in run.directions if name != run.primary and table[f"mean_{name}"].fillna(0).any()]
    if not names or len(table) < 2:
        return ""

    def draw(figure: Figure, narrow: bool) -> None:
        grid = figure.subplots(len(names) if narrow else 1, 1 if narrow else len(names), squeeze=False).flat
        for axes, name in zip(grid, names):
            kind = measure(name)
            mean = table[f"mean_{name}"].to_numpy() * kind.scale
            axes.plot(table.index, mean, color=fig.MUTED, linewidth=1.6, marker="o", markersize=3)
            axes.set_title(kind.axis)
            axes.set_xlabel("generation")
            fig.whole_numbers(axes)
            axes.set_ylim(min(0, 1.15 * np.nanmin(mean)), max(0, 1.15 * np.nanmax(mean)))

    changes = []
    for name in names:
        first, last = table[f"mean_{name}"].iloc[0], table[f"mean_{name}"].iloc[-1]
        kind = measure(name)
        if math.isfinite(first) and math.isfinite(last):
            changes.append(f"{kind.label} from {kind.text(first)} to {kind.text(last)}")
    caption = "What the survivors cost" + (f": on average, {' and '.join(changes)}." if changes else ".")
    return fig.figure("cost-figure", "the other objectives, mean of the population by generation", caption, draw,
                      height=2.5, narrow_height=2.3 * len(names))


def _table(run: Run) -> str:
    goal = measure(run.primary)
    rows = []
    for generation, row in run.statistics.iterrows():
        rows.append([str(generation), goal.number(row[f"best_{run.primary}"]), goal.number(row[f"mean_{run.primary}"]),
                     row["born"], row["survivors"], row["front"], compact(row["tokens"]),
                     duration(row["wall_seconds"]), row["note"]])
    head = ["generation", f"best ({goal.unit})" if goal.unit else "best", "mean", "born", "of them survived", "front",
            "tokens so far", "took", "note of the search"]
    return html.table(head, rows, numeric=range(1, 8))
