"""matplotlib figures as SVG inside the page: one drawing for wide windows, one for narrow ones."""

import io
import re
from collections.abc import Callable
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

INK, MUTED, GRID = "#1d2433", "#5a6478", "#e3e7ee"
# Okabe and Ito's palette, without its yellow and with a darker orange: readable on white, and by colour-blind people.
BLUE, VERMILION, GREEN, PURPLE, SKY, OCHRE = "#0072b2", "#d55e00", "#00805e", "#b0578d", "#4aa3d8", "#a87700"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, SKY, OCHRE, "#5a6478", "#1d2433")

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "evoke",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.labelsize": 9.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#b8c0cc",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.labelcolor": INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.dpi": 144,
}

Draw = Callable[[Figure, bool], None]
"""Draws on a figure; the flag says whether it is the narrow one."""


def figure(name: str, alternative: str, caption: str, draw: Draw, height: float = 3.5,
           narrow_height: float | None = None) -> str:
    """`alternative` stands in for the picture where there is none; `caption` says what to see. Heights in inches."""
    pictures = "".join(
        _picture(f"{name}-{kind}", kind, alternative, draw, size) for kind, size in (
            ("wide", (8.8, height)), ("narrow", (4.0, narrow_height or height))))
    return f'<figure id="{name}">{pictures}<figcaption>{escape(caption)}</figcaption></figure>'


def _picture(name: str, kind: str, alternative: str, draw: Draw, size: tuple[float, float]) -> str:
    with mpl.rc_context(_STYLE):
        drawing = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(drawing)
        draw(drawing, kind == "narrow")
        text = io.StringIO()
        drawing.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Type": None, "Format": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Ids are unique in a drawing, but a page holds many.
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(url\(|href=")#', rf"\1#{name}-", svg)
    head = re.match(r"<svg[^>]*>", svg)[0]
    box = re.search(r'viewBox="[^"]*"', head)[0]
    opening = (f'<svg class="{kind}" {box} role="img" aria-label="{escape(alternative)}" '
               'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">')
    return opening + svg[len(head):].strip()


def whole_numbers(axes: Axes, axis: str = "x") -> None:
    getattr(axes, f"{axis}axis").set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def large_numbers(axes: Axes, largest: float) -> str:
    """Ticks of the x axis in thousands or millions; the word for the label."""
    size, word = next(((s, w) for s, w in ((1e9, "billions"), (1e6, "millions"), (1e3, "thousands"))
                       if largest >= 2 * s), (1, ""))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / size:g}"))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    return word


def room(axes: Axes, values: np.ndarray, axis: str, share: float = 0.08) -> None:
    """Limits around finite values, also when all are equal."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if len(finite) == 0:
        return
    low, high = float(finite.min()), float(finite.max())
    spread = (high - low) or max(abs(high), 1.0) * 0.1
    getattr(axes, f"set_{axis}lim")(low - share * spread, high + share * spread)


def palette(names: list[str]) -> dict[str, str]:
    """A colour a name; beyond the palette, names share grey."""
    return {name: PALETTE[i] if i < len(PALETTE) else "#8a93a3" for i, name in enumerate(names)}
