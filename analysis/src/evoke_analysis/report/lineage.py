"""Where the suggested prompt comes from."""

import math
from html import escape

import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..run import Run
from . import figure as fig
from . import html
from .measures import count, dev_axis, measure

FIRST, LAST = 2, 10
"""Steps of a long main line that stay in the open."""
MOST_VECTOR_EDGES = 600


def build(run: Run) -> str:
    chosen = int(run.suggested["individual"])
    line = run.ancestors(chosen)
    title = "How the suggested prompt came about"
    if not run.individuals.at[chosen, "parents"]:
        text = "The suggested prompt stood in the first population"
        made = (run.individuals["parents"].map(len) > 0).any()
        text += ": nothing that the search made was a better balance." if made else "."
        return html.section("lineage", title, html.paragraph(text))
    main = line[line["main"]]
    parts = [_figure(run, line), _steps(run, main)]
    if len(line) > len(main):
        parts.append(html.details(f"All {count(len(line), 'ancestor')}, those aside of the main line included",
                                  _table(run, line)))
    if not _complete(run, line):
        parts.insert(0, html.note("Some ancestors are in generation files that were not kept: the line begins later."))
    return html.section("lineage", title, *parts)


def _complete(run: Run, line: pd.DataFrame) -> bool:
    return all(parent in run.individuals.index for parents in line["parents"] for parent in parents)


def _figure(run: Run, line: pd.DataFrame) -> str:
    goal = measure(run.primary)
    operators = list(dict.fromkeys(["initial", *line["operator"]]))
    colours = dict(zip(operators, [fig.INK, *fig.PALETTE[:7], *["#8a93a3"] * len(operators)]))
    values = line["value"] * goal.scale
    kinds = [name for name in operators if (line["operator"] == name).any()]

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        aside, backbone = _edges(line, values)
        axes.add_collection(LineCollection(aside, colors="#c3cad5", linewidths=0.9, zorder=1,
                                           rasterized=len(aside) > MOST_VECTOR_EDGES))
        axes.add_collection(LineCollection(backbone, colors=fig.INK, linewidths=2, capstyle="round", zorder=2))
        for name in kinds:
            made = line[line["operator"] == name]
            axes.scatter(made["generation"], values[made.index], s=[46 if main else 18 for main in made["main"]],
                         color=colours[name], edgecolors="white", linewidths=0.7, zorder=3)
        last = line.index[line["steps"] == 0][0]
        axes.scatter([line.at[last, "generation"]], [values[last]], s=170, facecolors="none", edgecolors=fig.GREEN,
                     linewidths=2.2, zorder=4)
        axes.set_xlabel("generation of birth")
        axes.set_ylabel(dev_axis(run, run.primary))
        fig.whole_numbers(axes)
        axes.margins(0.07)
        handles = [Line2D([], [], marker="o", linestyle="", color=colours[name], label=name) for name in kinds]
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2 if narrow else 4,
                    borderaxespad=0, handletextpad=0.1, columnspacing=1.1)

    return fig.figure("lineage-figure", "ancestors of the suggested prompt by generation", _sentence(run, line), draw,
                      height=3.6, narrow_height=4.2)


def _edges(line: pd.DataFrame, values: pd.Series) -> tuple[list, list]:
    """From known parents to children, as lines: those aside, and those of the main line."""
    aside, backbone = [], []
    for child, row in line.iterrows():
        for parent in row["parents"]:
            if parent in line.index:
                edge = [(line.at[parent, "generation"], values[parent]), (row["generation"], values[child])]
                (backbone if row["main"] and parent == row["best_parent"] else aside).append(edge)
    return aside, backbone


def _sentence(run: Run, line: pd.DataFrame) -> str:
    goal = measure(run.primary)
    main = line[line["main"]]
    first, last = main.iloc[0], main.iloc[-1]
    text = (f"Each dot is an ancestor; the thick line leads from the first population through the best parent of each "
            f"to the suggested prompt (ringed): {count(len(main) - 1, 'step')}, from {goal.text(first['value'])} to "
            f"{goal.text(last['value'])}. ")
    steps = main.dropna(subset="gain")
    if len(steps) and steps["gain"].max() > 0:
        largest = steps.loc[steps["gain"].idxmax()]
        text += (f"The largest gain, {goal.change(run.sign(run.primary) * largest['gain'])}, came by "
                 f"{largest['operator']} in generation {largest['generation']}.")
    return text


def _steps(run: Run, main: pd.DataFrame) -> str:
    items = [_step(run, individual, row, main) for individual, row in main.iterrows()]
    if len(items) <= FIRST + LAST + 1:
        return _list(items)
    folded = items[FIRST:-LAST]
    return (_list(items[:FIRST]) + html.details(f"{count(len(folded), 'step')} between", _list(folded))
            + _list(items[-LAST:]))


def _list(items: list[str]) -> str:
    return f'<ol class="steps">{"".join(items)}</ol>'


def _step(run: Run, individual: int, row: pd.Series, main: pd.DataFrame) -> str:
    goal = measure(run.primary)
    parent = row["best_parent"]
    known = not pd.isna(parent) and parent in main.index
    before = main.at[parent, "instruction"] if known else None
    shown = html.difference(before, row["instruction"]) if before is not None else escape(row["instruction"])
    gain = row["gain"]
    change = "" if not math.isfinite(gain) else f" ({goal.change(run.sign(run.primary) * gain)})"
    kind = "" if not math.isfinite(gain) or gain == 0 else "gain" if gain > 0 else "loss"
    others = [other for other in row["parents"] if not (known and other == parent)]
    beside = f", with #{', #'.join(map(str, others))}" if others and known else ""
    return (f'<li class="{kind}"><p class="stephead">generation {row["generation"]} · <b>{escape(row["operator"])}</b>'
            f"{escape(beside)} · <b>{escape(goal.text(row['value']))}</b>{escape(change)} · #{individual}</p>"
            f"<pre>{shown}</pre></li>")


def _table(run: Run, line: pd.DataFrame) -> str:
    goal = measure(run.primary)
    rows = [[f"#{individual}", str(row["generation"]), row["operator"], ", ".join(f"#{p}" for p in row["parents"]),
             goal.number(row["value"]),
             "" if not math.isfinite(row["gain"]) else goal.change(run.sign(run.primary) * row["gain"]),
             html.shortened(row["instruction"], 160)] for individual, row in line.iterrows()]
    head = ["prompt", "generation", "operator", "parents", dev_axis(run, run.primary), "over its best parent", "text"]
    return html.table(head, rows, numeric=(1, 4, 5))
