"""What was searched, and what was won."""

import math
from html import escape
from pathlib import PurePath

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .. import statistics as stats
from ..run import Run
from . import figure as fig
from . import html
from .measures import compact, count, dev_axis, duration, has_dev, measure


def build(run: Run) -> str:
    return "\n".join([
        f'<p class="kind">Evoke · {escape(run.algorithm or "search")} · {escape(model_of(run))}</p>',
        f"<h1>{escape(run.name)}</h1>",
        _warnings(run),
        f'<p class="lede">{escape(_sentence(run))}</p>',
        _verdict(run),
        html.definitions(_facts(run)),
    ])


def gains(run: Run) -> str:
    """The section behind the headline: numbers of the prompts that matter most, side by side."""
    entries = notable(run)
    return html.section("gain", "What was won", _intervals(run, entries), _table(run, entries))


def notable(run: Run) -> list[tuple[str, pd.Series]]:
    """The baseline, the suggested prompt and the best in the first objective, each once."""
    entries = [("baseline", run.baseline), ("suggested", run.suggested), (f"best {measure(run.primary).label}", run.best)]
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
    gains = (rows[0] - rows[1]).dropna().to_numpy() * run.sign(run.primary)
    return stats.mean(gains) if len(gains) else None


def model_of(run: Run) -> str:
    path = run.job.get("model", {}).get("path", "")
    return PurePath(path).name or "unknown model"


def task_of(run: Run) -> str:
    task = run.job.get("task", {})
    if task.get("answer") == "target":
        return f"make the model continue with “{task.get('target', '').strip()}”"
    data = PurePath(task.get("dev", ""))
    return "/".join(data.parts[-2:]) if data.name else "unknown"


def _warnings(run: Run) -> str:
    lines = list(run.warnings)
    missing = run.missing_generations
    if missing:
        kept = count(len(run.generations), "generation file is", "generation files are")
        lines.append(f"{kept} here; those of generations {_ranges(missing)} are not. What was born in them and "
                     "did not live to a later file is in no plot below.")
    if run.state in ("running", "stopped"):
        word = "was still running" if run.state == "running" else "was stopped, and can be resumed,"
        lines.append(f"This search {word} after generation {run.newest.number} of {_planned(run)}.")
    return "".join(f'<p class="warning">{escape(line)}</p>' for line in lines)


def _ranges(numbers: list[int]) -> str:
    """"0–3, 7"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in parts)


def _planned(run: Run) -> str:
    return str(run.job.get("search", {}).get("generations", "?"))


def _sentence(run: Run) -> str:
    goal, split, base, chosen = measure(run.primary), split_of(run), run.baseline, run.suggested
    known = f"{split}_{run.primary}"
    if not math.isfinite(chosen.get(known, math.nan)):
        return "No prompt could be measured: each one overflowed the model's context on some example."
    examples = f" of {count(chosen[f'{split}_examples'], f'{split} example')}" if run.primary == "accuracy" else ""
    if chosen["individual"] == base["individual"]:
        return (f"The suggested prompt is the best of the first population: {goal.label} "
                f"{_value(run, base)}{examples and ' on' + examples[3:]}.")
    what = f"answers {_value(run, chosen)}{examples} right" if goal.name == "accuracy" else \
        f"has a {goal.label} of {_value(run, chosen)}"
    text = (f"The suggested prompt {what}; the best prompt of the first population, {_value(run, base)}. "
            f"{_lengths(base, chosen)}")
    if run.best["individual"] not in (chosen["individual"], base["individual"]):
        text += (f" The prompt with the best dev {goal.label} reaches {_value(run, run.best)} with "
                 f"{count(run.best['prompt_tokens'], 'token')}.")
    return text


def _value(run: Run, entry: pd.Series) -> str:
    known = f"{split_of(run)}_{run.primary}"
    return measure(run.primary).with_interval(*(entry.get(known + end, math.nan) for end in ("", "_low", "_high")))


def _lengths(base: pd.Series, chosen: pd.Series) -> str:
    return (f"It is {count(chosen['prompt_tokens'], 'token')} long, against {count(base['prompt_tokens'], 'token')}."
            if math.isfinite(base["prompt_tokens"]) else "")


def _verdict(run: Run) -> str:
    """Whether the gain is more than chance, in words."""
    gain = paired_gain(run, run.suggested, run.baseline)
    goal, split = measure(run.primary), split_of(run)
    if gain is None:
        return ""
    better = "better" if gain.value >= 0 else "worse"
    if not math.isfinite(gain.low):
        text = f"That is {goal.amount(gain.value)} {better}, on a single example, so there is no interval."
        return f'<p class="verdict {_kind(gain.value)}">{escape(text)}</p>'
    bounds = f"{goal.change(gain.low)} to {goal.change(gain.high)}"
    text = f"On the same {split} examples it is {goal.amount(gain.value)} {better} (95 % interval of the gain: {bounds}). "
    kind = _kind(gain.low if gain.low > 0 else min(gain.high, 0))
    if kind == "good":
        text += "The interval is above zero: chance alone hardly explains this gain."
    elif kind == "bad":
        text += (f"The interval is below zero: it is worse than the baseline in {goal.label}, and was suggested for the "
                 "other objectives.")
    else:
        text += "The interval holds zero: these examples do not tell the two apart."
    if split == "dev":
        text += " The search itself selected on these examples, which flatters the winner; no test was taken."
        kind = ""
    return f'<p class="verdict {kind}">{escape(text)}</p>'


def _kind(gain: float) -> str:
    return "good" if gain > 0 else "bad" if gain < 0 else ""


def _facts(run: Run) -> list[tuple[str, str]]:
    last = run.statistics.iloc[-1]
    labels = run.job.get("task", {}).get("labels") or []
    ranks = run.usage.groupby("generation")["rank"].nunique().max() if len(run.usage) else 0
    dev, test = run.suggested["dev_examples"], run.suggested["test_examples"]
    examples = f"{count(dev, 'dev example')}, {count(test, 'test example') if test else 'no test taken'}"
    return [
        ("Task", task_of(run)),
        ("Examples", (examples + (f"; labels {', '.join(map(str, labels))}" if labels else "")) if has_dev(run) else ""),
        ("Objectives", ", ".join(f"{'more' if way == 'max' else 'less'} {measure(name).label}"
                                 for name, way in run.directions.items())),
        ("Searched", f"{count(run.newest.number, 'generation')}, seed {run.seed}"),
        ("Asked of the models", f"{count(last['evaluations'], 'evaluation')}, {compact(last['tokens'])} tokens"),
        ("Took", duration(last["seconds"]) + (f" on {count(ranks, 'rank')}" if ranks else "")),
        ("Last note of the search", last["note"]),
    ]


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
