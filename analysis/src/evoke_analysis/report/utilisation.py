"""Whether the machines were busy."""

import pandas as pd
from matplotlib.figure import Figure

from ..run import Run
from . import figure as fig
from . import html
from .measures import count, duration

MOST_BARS = 16


def build(run: Run) -> str:
    title = "Utilisation"
    usage = run.usage[run.usage["wall_seconds"] > 0]
    if not len(usage):
        return html.section("utilisation", title, html.note("This run recorded no time of any rank."))
    ranks = by_rank(usage)
    return html.section("utilisation", title, _figure(ranks), html.paragraph(_cache(run)),
                        html.details("Rank by rank", _table(ranks)))


def by_rank(usage: pd.DataFrame) -> pd.DataFrame:
    """Each rank over all generations that are here."""
    ranks = usage.groupby("rank").agg(
        host=("host", "last"), device=("device", "last"), units=("units", "sum"), busy_seconds=("busy_seconds", "sum"),
        wall_seconds=("wall_seconds", "sum"), lost=("lost", "max"))
    ranks["share"] = ranks["busy_seconds"] / ranks["wall_seconds"]
    return ranks


def _figure(ranks: pd.DataFrame) -> str:
    shares = 100 * ranks["share"]
    few = len(ranks) <= MOST_BARS
    colours = [fig.VERMILION if lost else fig.BLUE for lost in ranks["lost"]]

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        if few:
            axes.barh(range(len(ranks)), shares, height=0.62, color=colours)
            for y, share in enumerate(shares):
                axes.annotate(f"{share:.0f} %", (share, y), xytext=(4, 0), textcoords="offset points", va="center",
                              color=fig.INK)
            names = [f"rank {rank}" + ("" if narrow else f" · {row['host']} · {row['device']}") +
                     (" (lost)" if row["lost"] else "") for rank, row in ranks.iterrows()]
            axes.set_yticks(range(len(ranks)), names)
            axes.tick_params(axis="y", labelcolor=fig.INK)
            axes.set_ylim(len(ranks) - 0.5, -0.5)
            axes.set_xlim(0, max(112, shares.max() * 1.12))
            axes.set_xlabel("time busy with the model (% of the wall time)")
            axes.grid(axis="y", visible=False)
        else:
            axes.bar(ranks.index, shares, width=0.8, color=colours)
            axes.set_xlabel("rank")
            axes.set_ylabel("time busy (% of the wall time)")
            axes.set_ylim(0, max(100, shares.max() * 1.05))
            fig.whole_numbers(axes)
            axes.grid(axis="x", visible=False)

    height = 0.75 + 0.32 * len(ranks) if few else 3
    return fig.figure("utilisation-figure", "busy share by rank", _sentence(ranks), draw, height=height)


def _sentence(ranks: pd.DataFrame) -> str:
    shares = 100 * ranks["share"]
    text = f"Over all generations here, ranks were busy {shares.mean():.0f} % of the time on average"
    if len(ranks) > 1:
        text += f"; the least busy, rank {shares.idxmin()}, {shares.min():.0f} %"
    text += ". The rest is waiting for work, for other ranks, or for the disk."
    lost = ranks.index[ranks["lost"].astype(bool)]
    if len(lost):
        text += f" Lost on the way: rank {', '.join(map(str, lost))}; their work went to others."
    return text


def _cache(run: Run) -> str:
    hits, misses = (int(run.statistics[name].sum()) for name in ("cache_hits", "cache_misses"))
    asked = hits + misses
    if asked == 0:
        return ""
    return (f"Of {count(asked, 'answer')} asked for, {hits:,} ({100 * hits / asked:.0f} %) were known already and cost "
            "no computation.")


def _table(ranks: pd.DataFrame) -> str:
    rows = [[str(rank), row["host"], row["device"], f"{row['units']:,}", duration(row["busy_seconds"]),
             f"{100 * row['share']:.1f} %", "lost" if row["lost"] else ""] for rank, row in ranks.iterrows()]
    return html.table(["rank", "host", "device", "units", "busy", "share", ""], rows, numeric=(3, 4, 5))
