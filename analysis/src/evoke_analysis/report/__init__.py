"""The report: one HTML file that opens anywhere and asks for nothing from the network."""

from pathlib import Path

from ..run import Run
from .page import render

__all__ = ["render", "write_report"]


def write_report(run: Run, path: Path) -> Path:
    """Writes the report whole or not at all. The same run gives the same bytes. Raises OSError."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_text(render(run), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return path
