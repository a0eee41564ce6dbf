"""How measures are called and written for a reader."""

import math
from dataclasses import dataclass

from ..run import Run


@dataclass(frozen=True)
class Measure:
    """A measure as shown: its values times `scale`, with `digits` decimals, in `unit`."""

    name: str
    label: str
    unit: str
    scale: float = 1
    digits: int = 3

    @property
    def axis(self) -> str:
        """An axis label, with the unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def number(self, value: float) -> str:
        """Without its unit; an en dash for what was not measured."""
        return f"{value * self.scale:.{self.digits}f}" if math.isfinite(value) else "–"

    def text(self, value: float) -> str:
        number = self.number(value)
        if not self.unit or not math.isfinite(value):
            return number
        return f"{number} {self.unit.removesuffix('s') if number == '1' else self.unit}"

    def with_interval(self, value: float, low: float, high: float) -> str:
        """"52.4 % [47.5, 57.2]"."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return self.text(value)
        return f"{self.text(value)} [{self.number(low)},\N{NO-BREAK SPACE}{self.number(high)}]"

    def change(self, difference: float) -> str:
        """A difference of two values, with its sign: "+1.5 points"."""
        text = f"{difference * self.scale:+.{self.digits}f}"
        return "no change" if not text.strip("+-0.") else self._with_unit(text.replace("-", "−"))

    def amount(self, difference: float) -> str:
        """The size of a difference: "1.5 points"."""
        return self._with_unit(self.number(abs(difference)))

    def _with_unit(self, text: str) -> str:
        unit = "points" if self.unit == "%" else self.unit
        return f"{text} {unit}" if unit else text


_KNOWN = {measure.name: measure for measure in (
    Measure("accuracy", "accuracy", "%", 100, 1),
    Measure("loss", "loss of the right answer", "nats"),
    Measure("weighted_loss", "weighted loss", "nats per token"),
    Measure("target_loss", "loss of the target", "nats per token"),
    Measure("fluency", "loss of the prompt itself", "nats per token"),
    Measure("prompt_tokens", "prompt length", "tokens", 1, 0),
    Measure("generated_tokens", "generated text", "tokens per example", 1, 1),
)}


def measure(name: str) -> Measure:
    return _KNOWN.get(name) or Measure(name, name.replace("_", " "), "")


def has_dev(run: Run) -> bool:
    """A target-output search has one example, and no dev set to speak of."""
    return run.job.get("task", {}).get("answer") != "target"


def dev_axis(run: Run, name: str) -> str:
    """The axis label of a measure on dev."""
    return f"dev {measure(name).axis}" if has_dev(run) else measure(name).axis


def on_dev(run: Run) -> str:
    return " on dev" if has_dev(run) else ""


def count(number: float, one: str, many: str | None = None) -> str:
    """"1 prompt", "1,234 prompts"."""
    return f"{number:,.0f} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "unknown time"
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def compact(number: float) -> str:
    """"830", "42 thousand", "1.3 million"."""
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:.1f} {word}"
    return f"{number:,.0f}"
