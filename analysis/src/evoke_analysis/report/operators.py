"""Which operators earned their tokens, and what was refused."""

import numpy as np
import pandas as pd
from html import escape
from matplotlib.figure import Figure

from .. import statistics as stats
from ..run import Run
from . import figure as fig
from . import html
from .measures import count

REASONS = {
    "truncated": "the model was cut off before it ended its prompt",
    "empty": "nothing was written",
    "too_long": "more prompt tokens than the job allows",
    "duplicate": "this prompt had been evaluated in this run",
    "malformed": "no prompt could be read from the answer",
}


def rates(run: Run) -> pd.DataFrame:
    """By operator: how many of its proposals were accepted, and how many of their children were better than their best
    parent, survived their own generation, and stand in the front."""
    children = run.individuals[run.individuals["parents"].map(len) > 0]
    gain = run.lineage.groupby("child")["gain"].min().reindex(children.index)
    survived = children["survived_to"].notna() & (children["survived_to"] >= children["generation"]).fillna(False)
    by_child = pd.DataFrame({
        "operator": children["operator"], "children": 1, "better": gain > 0, "survived": survived.astype(bool),
        "front": children.index.isin(run.front["individual"])})
    table = by_child.groupby("operator").sum()
    made = run.proposals.assign(accepted=run.proposals["verdict"] == "accepted", proposed=1)
    table = table.join(made.groupby("operator")[["proposed", "accepted", "generated_tokens"]].sum(), how="outer")
    return table.fillna(0).astype(int).sort_values("children", ascending=False)


def build_rates(run: Run) -> str:
    table = rates(run)
    title = "Operators"
    if not len(table):
        return html.section("operators", title, html.note(
            "Nothing was proposed in the generations that are here: there are no operators to compare."))
    return html.section("operators", title, _figure(run, table), html.details("The counts", _table(table)))


_PANELS = (("accepted", "proposed", "accepted", "of proposals"),
           ("better", "children", "better than its best parent", "of children"),
           ("survived", "children", "survived its generation", "of children"))


def _figure(run: Run, table: pd.DataFrame) -> str:
    names = list(table.index)

    def draw(figure: Figure, narrow: bool) -> None:
        grid = figure.subplots(3 if narrow else 1, 1 if narrow else 3, sharey=True, sharex=True)
        for axes, (part, whole, title, of) in zip(grid, _PANELS):
            for y, name in enumerate(names):
                if table.at[name, whole] == 0:
                    continue
                value, low, high = (100 * v for v in stats.wilson(min(table.at[name, part], table.at[name, whole]),
                                                                  table.at[name, whole]))
                axes.plot([low, high], [y, y], color=fig.BLUE, linewidth=1.6)
                axes.plot(value, y, "o", color=fig.BLUE, markersize=6)
            axes.set_title(title)
            axes.set_xlabel(f"% {of}")
            axes.set_xlim(-3, 103)
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.set_yticks(range(len(names)), names)
            axes.tick_params(axis="y", labelcolor=fig.INK)
            axes.grid(axis="y", visible=False)

    return fig.figure("operators-figure", "success rates by operator", _rates_sentence(run, table), draw,
                      height=1.05 + 0.34 * len(names), narrow_height=2.4 + 1.0 * len(names))


def _rates_sentence(run: Run, table: pd.DataFrame) -> str:
    text = "Shares with 95 % intervals (Wilson): wide bars mean few tries. "
    tried = table[table["children"] > 0]
    if len(tried) > 1:
        share = tried["better"] / tried["children"]
        lead = tried.loc[share.idxmax()]
        text += "No child was better than its best parent." if lead["better"] == 0 else (
            f"A child was better than its best parent most often by {share.idxmax()} "
            f"({lead['better']} of {lead['children']}).")
    elif len(tried) == 1:
        only = tried.iloc[0]
        children = count(only["children"], "child", "children")
        text += f"{only['better']} of {children} were better than their best parent."
    return text


def _table(table: pd.DataFrame) -> str:
    head = ["operator", "proposals", "accepted", "tokens written", "children", "better", "survived", "in the front"]
    columns = ["proposed", "accepted", "generated_tokens", "children", "better", "survived", "front"]
    rows = [[name, *[f"{row[column]:,}" for column in columns]] for name, row in table.iterrows()]
    return html.table(head, rows, numeric=range(1, 8))


def build_refusals(run: Run) -> str:
    title = "Refused proposals"
    refused = run.proposals[run.proposals["verdict"] != "accepted"]
    if not len(refused):
        text = "None of the proposals was refused." if len(run.proposals) else \
            "There were no proposals in the generations that are here."
        return html.section("refusals", title, html.note(text))
    counts = refused["verdict"].astype(str).value_counts()
    return html.section("refusals", title, _refusals_figure(run, refused, counts), _reasons(refused, counts))


def _refusals_figure(run: Run, refused: pd.DataFrame, counts: pd.Series) -> str:
    operators = sorted(refused["operator"].unique())
    colours = fig.palette(operators)
    reasons = list(counts.index)
    by = pd.crosstab(refused["verdict"].astype(str), refused["operator"]).reindex(reasons)

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        left = np.zeros(len(reasons))
        for name in operators:
            axes.barh(range(len(reasons)), by[name], left=left, height=0.62, color=colours[name], label=name,
                      edgecolor="white", linewidth=0.8)
            left += by[name].to_numpy()
        for y, total in enumerate(left):
            axes.annotate(f"{total:.0f}", (total, y), xytext=(4, 0), textcoords="offset points", va="center",
                          color=fig.INK)
        axes.set_yticks(range(len(reasons)), [reason.replace("_", " ") for reason in reasons])
        axes.tick_params(axis="y", labelcolor=fig.INK)
        axes.set_ylim(len(reasons) - 0.5, -0.5)
        axes.set_xlim(0, left.max() * 1.08)
        axes.set_xlabel("refused proposals (count)")
        fig.whole_numbers(axes)
        axes.grid(axis="y", visible=False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2 if narrow else 4, borderaxespad=0,
                    handlelength=1, handletextpad=0.4, columnspacing=1.1)

    total = len(run.proposals)
    text = (f"{count(len(refused), 'proposal')} of {total:,} were refused ({100 * len(refused) / total:.0f} %), most "
            f"often as {counts.index[0].replace('_', ' ')} ({counts.iloc[0]:,}). A refused proposal costs its tokens, "
            "and its slot tries again.")
    legend_rows = (len(operators) + 3) // 4
    return fig.figure("refusals-figure", "refused proposals by reason", text, draw,
                      height=0.95 + 0.36 * len(reasons) + 0.2 * legend_rows,
                      narrow_height=1.0 + 0.36 * len(reasons) + 0.2 * ((len(operators) + 1) // 2))


def _reasons(refused: pd.DataFrame, counts: pd.Series) -> str:
    parts = []
    for reason in counts.index:
        examples = refused.loc[refused["verdict"] == reason].drop_duplicates("raw").head(3)
        answers = "".join(
            f'<p class="stephead">{escape(row["operator"])}, generation {row["generation"]}, slot {row["slot"]}</p>'
            f"<pre>{escape(html.shortened(row['raw'], 600)) or '(nothing)'}</pre>" for _, row in examples.iterrows())
        parts.append(html.details(f"{reason.replace('_', ' ')}: {REASONS.get(reason, '')} ({counts[reason]:,}); "
                                  "what was proposed", answers))
    return "".join(parts)
