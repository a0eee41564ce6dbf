"""What can be wrong with a run. Each message names the file, what was expected and what was found."""

from pathlib import Path


class AnalysisError(Exception):
    """What every expected failure derives from."""

    def __init__(self, path: Path, message: str):
        super().__init__(f"{path}: {message}")
        self.path = Path(path)


class NotARunError(AnalysisError):
    """The folder is no run, or holds no finished generation yet."""


class DamagedFileError(AnalysisError):
    """A generation file is truncated or corrupted."""


class UnknownFormatError(AnalysisError):
    """A sound file of a major version that this package does not know."""
