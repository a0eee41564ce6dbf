"""Reads the runs of Evoke: pandas frames and reports. See docs/analysis.md."""

from importlib.metadata import PackageNotFoundError, version

from .compare import Comparison, compare
from .errors import AnalysisError, DamagedFileError, NotARunError, UnknownFormatError
from .run import Run, open_run

try:
    __version__ = version("evoke-analysis")
except PackageNotFoundError:  # read from its sources
    __version__ = "0.1.0"

__all__ = [
    "AnalysisError",
    "Comparison",
    "DamagedFileError",
    "NotARunError",
    "Run",
    "UnknownFormatError",
    "compare",
    "open_run",
]
