"""The first 512 bytes of a generation file: what it is, how long, and its checksum."""

import hashlib
import re
from pathlib import Path

from .errors import DamagedFileError, UnknownFormatError

SIZE = 512
FORMAT_MAJOR = 1
_LINES = re.compile(
    rb"(?P<covered>evoke generation file\nformat (?P<major>\d+)\.(?P<minor>\d+)\nbytes (?P<bytes>\d+)\n)"
    rb"sha256 (?P<sha256>[0-9a-f]{64})\n\0*"
)


def check(path: Path) -> tuple[int, int]:
    """Reads the file from end to end and gives its format version (major, minor).

    Nothing of a damaged file reaches the HDF5 library. Raises DamagedFileError, UnknownFormatError, or OSError when it
    cannot be read at all.
    """
    with open(path, "rb") as file:
        seal = file.read(SIZE)
        lines = _LINES.fullmatch(seal) if len(seal) == SIZE else None
        if lines is None:
            how = f"truncated: {len(seal)} bytes, a generation file has more" if len(seal) < SIZE else (
                "no generation file of Evoke, or its first bytes are damaged")
            raise DamagedFileError(path, how)
        checksum = hashlib.sha256(lines["covered"])
        size = SIZE
        while chunk := file.read(1 << 20):
            checksum.update(chunk)
            size += len(chunk)
    announced = int(lines["bytes"])
    if size != announced:
        how = "truncated" if size < announced else "damaged"
        raise DamagedFileError(path, f"{how}: {size} bytes where {announced} belong")
    if checksum.hexdigest() != lines["sha256"].decode():
        raise DamagedFileError(path, "damaged: the checksum of its content differs")
    major, minor = int(lines["major"]), int(lines["minor"])
    if major != FORMAT_MAJOR:
        raise UnknownFormatError(
            path, f"is of format {major}.{minor}; this version of evoke-analysis reads format {FORMAT_MAJOR}.x")
    return major, minor
