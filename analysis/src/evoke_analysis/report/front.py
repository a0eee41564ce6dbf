"""The trade-off between the objectives."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from ..run import Run
from . import figure as fig
from . import html, prompts
from .measures import count, dev_axis, measure

COLOURS = LinearSegmentedColormap.from_list("evoke", ["#9cc9e8", "#2f7fb8", "#0b3c6f", "#2a0f3f"])
MOST_VECTOR_POINTS = 400


def build(run: Run) -> str:
    people = run.individuals[run.individuals["feasible"]]
    across = _across(run, people)
    if len(people) == 0 or across is None:
        return html.section("front", "The front", html.note(
            "There is no trade-off to draw: " + ("no prompt fitted the context." if len(people) == 0 else
                                                 "all prompts here differ in one number at most.")))
    return html.section("front", "The front", _figure(run, people, across))


def _across(run: Run, people: pd.DataFrame) -> str | None:
    """What the horizontal axis shows: prompt tokens, or the next measure in which individuals differ."""
    names = ["prompt_tokens", *[name for name in [*run.directions, *run.measures] if name != run.primary]]
    return next((name for name in names if people[name].nunique() > 1), None)


def _figure(run: Run, people: pd.DataFrame, across: str) -> str:
    x_kind, y_kind, tint_kind = measure(across), measure(run.primary), measure("generated_tokens")
    front = people.loc[[int(i) for i in run.front["individual"] if int(i) in people.index]]
    tints = people["generated_tokens"]
    tinted = across != "generated_tokens" and tints.nunique() > 1
    limits = (float(tints.min()), float(tints.max()))
    names = prompts.labels(run)
    suggested, baseline = int(run.suggested["individual"]), int(run.baseline["individual"])

    def points(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        return frame[across].to_numpy() * x_kind.scale, frame[run.primary].to_numpy() * y_kind.scale

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        axes.scatter(*points(people), s=16, color="#aab3c0", alpha=0.7, linewidths=0, label="measured",
                     rasterized=len(people) > MOST_VECTOR_POINTS)
        colour = {"c": front["generated_tokens"], "cmap": COLOURS, "vmin": limits[0], "vmax": limits[1]} if tinted \
            else {"color": fig.BLUE}
        marks = axes.scatter(*points(front), s=62, edgecolors="white", linewidths=0.8, zorder=3, label="front",
                             **colour)
        if baseline in people.index:
            axes.scatter(*points(people.loc[[baseline]]), s=75, marker="D", facecolors="none", edgecolors=fig.VERMILION,
                         linewidths=1.8, zorder=4, label="baseline (B)")
        if suggested in front.index:
            axes.scatter(*points(front.loc[[suggested]]), s=190, facecolors="none", edgecolors=fig.GREEN,
                         linewidths=2.2, zorder=4, label="suggested balance")
        _name_points(axes, people, points, names, {suggested, baseline, int(run.best["individual"])},
                     (run.sign(across), run.sign(run.primary)))
        axes.set_xlabel(x_kind.axis)
        axes.set_ylabel(dev_axis(run, run.primary))
        axes.margins(0.07)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2 if narrow else 4, borderaxespad=0,
                    handletextpad=0.3, columnspacing=1.2)
        if tinted:
            bar = figure.colorbar(marks, ax=axes, location="bottom" if narrow else "right", shrink=0.85, pad=0.02)
            bar.set_label(tint_kind.axis)
            bar.outline.set_visible(False)

    return fig.figure("front-figure", f"{y_kind.label} against {x_kind.label} of every prompt",
                      _sentence(run, people, front, across, tinted, limits), draw, height=4.4, narrow_height=5)


def _name_points(axes: Axes, people: pd.DataFrame, points: Callable[[pd.DataFrame], tuple[np.ndarray, np.ndarray]],
                 names: dict[int, str], notable: set[int], better: tuple[int, int]) -> None:
    """Numbers on the better side of the points, where nothing else can be; of a crowded front only the notable ones."""
    taken: list[tuple[float, float]] = []
    for individual, name in names.items():
        if individual not in people.index or (len(names) > 15 and individual not in notable):
            continue
        (x,), (y,) = points(people.loc[[individual]])
        same = sum(1 for place in taken if place == (x, y))
        taken.append((x, y))
        axes.annotate(name, (x, y), textcoords="offset points", xytext=(better[0] * (8 + 12 * same), better[1] * 5),
                      ha="left" if better[0] > 0 else "right", va="bottom" if better[1] > 0 else "top", fontsize=9,
                      color=fig.INK, fontweight="bold")


def _sentence(run: Run, people: pd.DataFrame, front: pd.DataFrame, across: str, tinted: bool,
              limits: tuple[float, float]) -> str:
    x_kind, y_kind = measure(across), measure(run.primary)
    text = f"Every dot is one of {count(len(people), 'prompt')} measured"
    better = "up" if run.sign(run.primary) > 0 else "down"
    aside = "left" if run.direction(across) == "min" else "right"
    text += f"; better is {better} and to the {aside}. "
    if len(front) > 1:
        best = front.loc[(front[run.primary] * -run.sign(run.primary)).idxmin()]
        short = front.loc[(front[across] * -run.sign(across)).idxmin()]
        if best.name != short.name:
            text += (f"From one end of the front to the other, {y_kind.label} goes from "
                     f"{y_kind.text(short[run.primary])} at {x_kind.text(short[across])} to "
                     f"{y_kind.text(best[run.primary])} at {x_kind.text(best[across])}. ")
    if tinted:
        text += "Darker marks made the model write more. "
    elif across != "generated_tokens":
        if limits[1] == 0:
            text += "The model wrote nothing for its answers: labels are scored."
        else:
            text += f"All prompts made the model write the same: {measure('generated_tokens').text(limits[0])}."
    hidden = [name for name in run.directions if name not in (run.primary, across, "generated_tokens")]
    if len(run.directions) > 2 or hidden:
        text += " The front is that of all objectives, so a dot that looks beaten here may win in another one."
    return text
