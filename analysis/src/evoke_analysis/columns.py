"""Columns of a generation file as numpy and pandas values. The encodings are those of docs/checkpoint-format.md."""

import h5py
import numpy as np
import pandas as pd

NO_INDIVIDUAL = 2**64 - 1
"""Stands for "no child" in /proposals/child."""


def texts(group: h5py.Group) -> list[str]:
    """A text column: a blob of UTF-8 and offsets into it."""
    blob = group["blob"][()].tobytes()
    offsets = group["offsets"][()].tolist()
    return [blob[a:b].decode("utf-8", "replace") for a, b in zip(offsets, offsets[1:])]


def text(group: h5py.Group) -> str:
    """A text column of length one."""
    (only,) = texts(group)
    return only


def lists(group: h5py.Group) -> list[tuple[int, ...]]:
    """A column of ragged lists."""
    values = group["values"][()].tolist()
    offsets = group["offsets"][()].tolist()
    return [tuple(values[a:b]) for a, b in zip(offsets, offsets[1:])]


def categories(dataset: h5py.Dataset) -> pd.Categorical:
    """Codes with the names that the file itself gives them."""
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in dataset.attrs["categories"]]
    return pd.Categorical.from_codes(dataset[()].astype(np.int16), categories=names)


def individuals(group: h5py.Group, measures: list[str], objectives: list[str]) -> pd.DataFrame:
    """One row an individual, in the order of the file; measures as columns, objectives as columns (objective, name)."""
    columns = {
        "individual": group["id"][()].astype(np.int64),
        "instruction": pd.array(texts(group["instruction"]), dtype=object),
        "demonstrations": _objects(lists(group["demonstrations"])),
        "tokens": _objects(lists(group["tokens"])),
        "parents": _objects(lists(group["parents"])),
        "operator": pd.array(texts(group["operation"]), dtype=object),
        "generation": group["generation"][()].astype(np.int64),
        "slot": group["slot"][()].astype(np.int64),
        "attempt": group["attempt"][()].astype(np.int64),
        "feasible": group["feasible"][()] != 0,
    }
    columns |= _matrix(group["measures"][()], measures)
    columns |= {f"objective:{name}": values for name, values in _matrix(group["objectives"][()], objectives).items()}
    return pd.DataFrame(columns)


def scores(group: h5py.Group, measures: list[str]) -> pd.DataFrame:
    """One row an outcome, by individual and example; a column a measure, then status, tokens and seconds."""
    blocks = lists(group["example_lists"])
    rows = np.diff(group["offsets"][()].astype(np.int64))
    examples = [np.asarray(blocks[i], dtype=np.int64) for i in group["examples"][()].tolist()]
    values = group["values"][()].T.astype(np.float64)
    columns = {
        "individual": np.repeat(group["individual"][()].astype(np.int64), rows),
        "example": np.concatenate(examples) if examples else np.empty(0, dtype=np.int64),
    }
    columns |= _matrix(values, measures)
    columns |= {
        "status": categories(group["status"]),
        "prompt_tokens": group["prompt_tokens"][()].astype(np.int64),
        "generated_tokens": group["generated_tokens"][()].astype(np.int64),
        "seconds": group["seconds"][()].astype(np.float64),
    }
    return pd.DataFrame(columns)


def proposals(group: h5py.Group) -> pd.DataFrame:
    """One row an attempt, accepted or refused, in the order of slots and attempts."""
    child = group["child"][()]
    known = child != NO_INDIVIDUAL
    return pd.DataFrame({
        "generation": group["generation"][()].astype(np.int64),
        "slot": group["slot"][()].astype(np.int64),
        "attempt": group["attempt"][()].astype(np.int64),
        "operator": pd.array(texts(group["operation"]), dtype=object),
        "parents": _objects(lists(group["parents"])),
        "raw": pd.array(texts(group["raw"]), dtype=object),
        "verdict": categories(group["verdict"]),
        "child": pd.arrays.IntegerArray(np.where(known, child, 0).astype(np.int64), ~known),
        "prompt_tokens": group["prompt_tokens"][()].astype(np.int64),
        "generated_tokens": group["generated_tokens"][()].astype(np.int64),
    })


def usage(group: h5py.Group) -> pd.DataFrame:
    """One row a rank."""
    return pd.DataFrame({
        "rank": group["rank"][()].astype(np.int64),
        "host": pd.array(texts(group["host"]), dtype=object),
        "device": pd.array(texts(group["device"]), dtype=object),
        "units": group["units"][()].astype(np.int64),
        "busy_seconds": group["busy_seconds"][()].astype(np.float64),
        "lost": group["lost"][()] != 0,
    })


def _objects(values: list) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _matrix(matrix: np.ndarray, names: list[str]) -> dict[str, np.ndarray]:
    """Columns of a [rows, width] matrix; an empty table has no width of its own."""
    rows, width = matrix.shape
    if rows == 0:
        return {name: np.empty(0) for name in names}
    if width != len(names):
        raise ValueError(f"{width} columns of numbers where the names {names} are given")
    return {name: matrix[:, k] for k, name in enumerate(names)}
