"""What was searched, and what was won."""

import math
from html import escape
from pathlib import PurePath

import pandas as pd

from ..run import Run
from . import html
from .gain import paired_gain, split_of
from .measures import compact, count, duration, has_dev, measure


def build(run: Run) -> str:
    return "\n".join([
        f'<p class="kind">Evoke · {escape(run.algorithm or "search")} · {escape(model_of(run))}</p>',
        f"<h1>{escape(run.name)}</h1>",
        _warnings(run),
        f'<p class="lede">{escape(_sentence(run))}</p>',
        _verdict(run),
        html.definitions(_facts(run)),
    ])


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
    if gain.value == 0 and gain.low == gain.high:
        return f'<p class="verdict">{escape(f"On every single {split} example both have the same {goal.label}.")}</p>'
    better = "better" if gain.value >= 0 else "worse"
    if not math.isfinite(gain.low):
        text = f"That is {goal.amount(gain.value)} {better}, on a single example, so there is no interval."
        return f'<p class="verdict {_kind(gain.value)}">{escape(text)}</p>'
    bounds = f"{goal.change(gain.low)} to {goal.change(gain.high)}"
    text = (f"On the same {split} examples it is {goal.amount(gain.value)} {better} (95 % interval of the gain: "
            f"{bounds}). ")
    kind = _kind(gain.low if gain.low > 0 else min(gain.high, 0))
    if kind == "good":
        text += "The interval is above zero: chance alone hardly explains this gain."
    elif kind == "bad":
        text += (f"The interval is below zero: it is worse than the baseline in {goal.label}, and was suggested for "
                 "the other objectives.")
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
    examples += f"; labels {', '.join(map(str, labels))}" if labels else ""
    return [
        ("Task", task_of(run)),
        ("Examples", examples if has_dev(run) else ""),
        ("Objectives", ", ".join(f"{'more' if way == 'max' else 'less'} {measure(name).label}"
                                 for name, way in run.directions.items())),
        ("Searched", f"{count(run.newest.number, 'generation')}, seed {run.seed}"),
        ("Asked of the models", f"{count(last['evaluations'], 'evaluation')}, {compact(last['tokens'])} tokens"),
        ("Took", duration(last["seconds"]) + (f" on {count(ranks, 'rank')}" if ranks else "")),
        ("Last note of the search", last["note"]),
    ]
