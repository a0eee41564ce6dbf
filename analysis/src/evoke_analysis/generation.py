"""One generation file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from . import columns, seal
from .errors import AnalysisError, DamagedFileError

OF_EVERY_GENOME = ("prompt_tokens", "generated_tokens")
"""Measures of an individual that every task has, behind its own."""


@dataclass
class Generation:
    """What a generation file holds, but for the score matrix, which is read when asked for."""

    path: Path
    number: int
    format_version: tuple[int, int]
    attributes: dict[str, str]
    """Self-description of the file: software_version, created, hardware, ranks, digest, …"""
    job: str
    """The resolved job as TOML."""
    identities: dict[str, str]
    task_measures: list[str]
    """Measures of one outcome, the primary one first."""
    directions: dict[str, str]
    """Objective → "max" or "min", in the job's order."""
    population: pd.DataFrame
    front_rank: np.ndarray
    archive: pd.DataFrame
    """The baseline first, then the front."""
    born: pd.DataFrame
    test: pd.DataFrame
    proposals: pd.DataFrame
    statistics: dict
    usage: pd.DataFrame

    def scores(self) -> pd.DataFrame:
        """The score matrix: rows of population, archive and born. Read anew each time. Raises AnalysisError when the
        file has gone since it was opened: a search that goes on keeps its newest files only."""
        if not self.path.exists():
            raise AnalysisError(self.path, "has gone since the run was opened; open the run again")
        with _content(self.path) as file:
            return columns.scores(file["scores"], self.task_measures)


def read(path: Path) -> Generation:
    """Reads and verifies a file. Raises DamagedFileError, UnknownFormatError or OSError."""
    version = seal.check(path)
    with _content(path) as file:
        return _read(path, version, file)


@contextmanager
def _content(path: Path) -> Iterator[h5py.File]:
    try:
        # Finished files never change, and network file systems may refuse locks.
        with h5py.File(path, "r", locking=False) as file:
            yield file
    except (KeyError, ValueError, TypeError, IndexError, OSError) as error:
        raise DamagedFileError(path, f"damaged, though its checksum is right: {error}") from error


def _read(path: Path, version: tuple[int, int], file: h5py.File) -> Generation:
    setting = file["setting"]
    task_measures = [name for name in columns.texts(setting["measures"]) if name not in OF_EVERY_GENOME]
    measures = [*task_measures, *OF_EVERY_GENOME]
    objectives = columns.texts(setting["objectives"])
    directions = ["max" if code == "maximise" else "min" for code in columns.categories(setting["directions"])]
    statistics = _statistics(file["statistics"])
    return Generation(
        path=path,
        number=statistics["generation"],
        format_version=version,
        attributes={name: _attribute(value) for name, value in file.attrs.items()},
        job=columns.text(setting["job"]),
        identities=dict(zip(columns.texts(setting["identity_names"]), columns.texts(setting["identity_values"]))),
        task_measures=task_measures,
        directions=dict(zip(objectives, directions)),
        population=columns.individuals(file["population"], measures, objectives),
        front_rank=file["population/front_rank"][()].astype(np.int64),
        archive=columns.individuals(file["archive"], measures, objectives),
        born=columns.individuals(file["born"], measures, objectives),
        test=columns.scores(file["archive/test"], task_measures),
        proposals=columns.proposals(file["proposals"]),
        statistics=statistics,
        usage=columns.usage(file["statistics/usage"]),
    )


def _statistics(group: h5py.Group) -> dict:
    numbers = {name: item[()].item() for name, item in group.items()
               if isinstance(item, h5py.Dataset) and item.shape == ()}
    return numbers | {"note": columns.text(group["note"]), "finished": bool(numbers["finished"])}


def _attribute(value) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
