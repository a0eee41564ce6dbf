"""The prompts worth taking away: baseline and front."""

import math
from html import escape

import pandas as pd

from ..run import Run
from . import html
from .measures import count, has_dev, measure

SHOWN = 8
"""Cards in the open; the rest of a large front is folded away."""


def labels(run: Run) -> dict[int, str]:
    """Individual → the letter or number that cards and plots call it by."""
    names = {int(individual): str(i) for i, individual in enumerate(_ranked(run)["individual"], 1)}
    return names | {int(run.baseline["individual"]): "B"}


def build(run: Run) -> str:
    names = labels(run)
    ranked = _ranked(run)
    order = [run.suggested, *[row for _, row in ranked.iterrows() if not row["suggested"]]]
    if run.baseline["individual"] not in {entry["individual"] for entry in order}:
        order.insert(1, run.baseline)
    cards = [_card(run, entry, names[int(entry["individual"])]) for entry in order]
    shown, folded = cards[:SHOWN], cards[SHOWN:]
    parts = [html.paragraph(_introduction(run)), f'<ol class="cards">{"".join(shown)}</ol>']
    if folded:
        parts.append(html.details(f"{count(len(folded), 'more prompt')} of the front",
                                  f'<ol class="cards">{"".join(folded)}</ol>'))
    return html.section("prompts", "Best prompts", *parts)


def _ranked(run: Run) -> pd.DataFrame:
    """The front, best in the first objective first."""
    cost = -run.sign(run.primary) * run.front[f"dev_{run.primary}"]
    return run.front.assign(cost=cost).sort_values(["cost", "prompt_tokens", "individual"])


def _introduction(run: Run) -> str:
    size = len(run.front)
    if size == 0:
        return ("No prompt could be measured on the whole dev set, so there is no front; this is what the search began "
                "with.")
    if size == 1:
        one = "One prompt is the best in every objective at once" if len(run.directions) > 1 else \
            f"One prompt has the best {measure(run.primary).label}"
        return f"{one}. B is the best prompt of the first population."
    return (f"The front: {count(size, 'prompt')}, none better than another in every objective. The suggested balance "
            "is the one farthest from a straight trade between the extremes. B is the best prompt of the first "
            "population. Letters and numbers are those of the plots below.")


def _card(run: Run, entry: pd.Series, label: str) -> str:
    individual = int(entry["individual"])
    badges = []
    if entry["suggested"]:
        badges.append(html.badge("suggested balance", "good"))
    if individual == run.baseline["individual"]:
        badges.append(html.badge("baseline"))
    if individual == run.best["individual"] and len(run.front) > 1:
        badges.append(html.badge(f"best {measure(run.primary).label}"))
    if not entry["feasible"]:
        badges.append(html.badge("overflows the context"))
    return (f'<li class="{"suggested" if entry["suggested"] else ""}"><div class="cardhead">'
            f'<span class="label">{escape(label)}</span>{"".join(badges)}</div>'
            f'{html.prompt(entry["instruction"], f"prompt-{individual}")}'
            f'<p class="values">{_values(run, entry)}</p><p class="origin">{escape(_origin(entry))}</p></li>')


def _values(run: Run, entry: pd.Series) -> str:
    parts = []
    for split in ("test", "dev"):
        name = f"{split}_{run.primary}"
        if name in entry and math.isfinite(entry[name]):
            text = measure(run.primary).with_interval(*(entry[name + end] for end in ("", "_low", "_high")))
            title = split if has_dev(run) else ""
            parts.append(f"<span>{title} {escape(measure(run.primary).label)} <b>{escape(text)}</b></span>")
    others = [name for name in run.directions
              if name not in (run.primary, "prompt_tokens") and run.archive[f"dev_{name}"].fillna(0).any()]
    for name in ["prompt_tokens", *others]:
        value = entry["prompt_tokens"] if name == "prompt_tokens" else entry[f"dev_{name}"]
        if math.isfinite(value):
            parts.append(f"<span>{escape(measure(name).label)} <b>{escape(measure(name).text(value))}</b></span>")
    return "".join(parts)


def _origin(entry: pd.Series) -> str:
    text = f"#{entry['individual']}, " + (
        "of the first population" if not entry["parents"] else
        f"made by {entry['operator']} in generation {entry['generation']} from "
        + " and ".join(f"#{parent}" for parent in entry["parents"]))
    if len(entry["demonstrations"]):
        text += "; shown with examples " + ", ".join(map(str, entry["demonstrations"]))
    if len(entry["tokens"]):
        text += "; token ids " + " ".join(map(str, entry["tokens"]))
    return text + "."
