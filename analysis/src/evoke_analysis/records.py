"""What a run keeps beside its generation files: summary.json and events.jsonl."""

import json
from pathlib import Path

import pandas as pd


def summary(path: Path, warnings: list[str]) -> dict:
    """Empty when there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        warnings.append(f"left out {path}: {error}")
        return {}
    return found if isinstance(found, dict) else {}


def events(path: Path, warnings: list[str]) -> pd.DataFrame:
    """One row a line, the time as a time; a torn last line is left out."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    except OSError as error:
        warnings.append(f"left out {path}: {error.strerror}")
        lines = []
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict):
            rows.append(row)
        elif number < len(lines):
            warnings.append(f"left out {path}, line {number}: not a JSON object")
    frame = pd.DataFrame(rows, columns=None if rows else ["time", "event"])
    if "time" in frame:
        frame["time"] = pd.to_datetime(frame["time"], utc=True, errors="coerce")
    return frame


def seconds_of(events: pd.DataFrame) -> dict[int, float]:
    """Seconds of each generation that the event log tells of."""
    if not {"event", "generation", "seconds"} <= set(events.columns):
        return {}
    finished = events[events["event"] == "generation"].dropna(subset=["generation", "seconds"])
    return {int(number): float(seconds) for number, seconds in zip(finished["generation"], finished["seconds"])}
