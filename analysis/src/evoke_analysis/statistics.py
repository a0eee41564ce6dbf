"""Intervals, and the suggested balance of a front, as the program computes them."""

from typing import NamedTuple

import numpy as np

Z = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


class Interval(NamedTuple):
    value: float
    low: float
    high: float


def wilson(right: int, count: int) -> Interval:
    """Wilson score interval of a proportion, 95 %, without continuity correction (Wilson 1927)."""
    if count <= 0 or not 0 <= right <= count:
        raise ValueError(f"expected 0 <= right <= count and count > 0, found {right} of {count}")
    p = right / count
    centre = p + Z * Z / (2 * count)
    spread = Z * np.sqrt(p * (1 - p) / count + Z * Z / (4 * count * count))
    scale = 1 + Z * Z / count
    low = 0.0 if right == 0 else (centre - spread) / scale
    high = 1.0 if right == count else (centre + spread) / scale
    return Interval(p, float(low), float(high))


def mean(values: np.ndarray) -> Interval:
    """Mean with a normal-approximation 95 % interval; NaN bounds for a single value, which shows no spread."""
    values = np.asarray(values, dtype=np.float64)
    if len(values) == 0:
        raise ValueError("expected values")
    value = float(values.mean())
    if len(values) == 1:
        return Interval(value, np.nan, np.nan)
    half = Z * values.std(ddof=1) / np.sqrt(len(values))
    return Interval(value, float(value - half), float(value + half))


def of_measure(name: str, values: np.ndarray) -> Interval:
    """Wilson for accuracy, a mean's interval for everything else. NaN for outcomes that overflowed."""
    values = np.asarray(values, dtype=np.float64)
    if name == "accuracy" and len(values) > 0 and np.isfinite(values).all():
        return wilson(round(values.sum()), len(values))
    return mean(values)


def knee(points: np.ndarray, directions: list[str], tie_break: np.ndarray) -> int:
    """Index of the suggested balance: the point farthest below the plane through the extreme points.

    points: [points, objectives]. Each objective is scaled to 0 (best of the front) .. 1 (worst), objectives in which
    all are equal are left out. Ties: the smaller of `tie_break`, then the first. A point with NaN is not suggested.
    """
    points = np.asarray(points, dtype=np.float64)
    if len(points) == 0:
        raise ValueError("an empty front has no balance to suggest")
    measured = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(measured) == 0:
        return 0
    signs = np.array([1.0 if direction == "min" else -1.0 for direction in directions])
    costs = points[measured] * signs
    low, high = costs.min(axis=0), costs.max(axis=0)
    varying = high > low
    scaled = (costs[:, varying] - low[varying]) / (high[varying] - low[varying])
    heights = scaled @ _normal(scaled)
    lowest = np.flatnonzero(heights <= heights.min() + 1e-12)
    ties = np.asarray(tie_break, dtype=np.float64)[measured[lowest]]
    return int(measured[lowest[np.argmin(ties)]])


def _normal(scaled: np.ndarray) -> np.ndarray:
    """Of the plane through the extreme points; where they make none that rises in all objectives, the unit plane."""
    objectives = scaled.shape[1]
    unit = np.ones(objectives)
    if objectives == 0:
        return unit
    extremes = [min(range(len(scaled)), key=lambda i, k=k: (scaled[i, k], scaled[i].sum() - scaled[i, k]))
                for k in range(objectives)]
    plane = scaled[extremes]
    if np.linalg.matrix_rank(plane, tol=1e-9) < objectives:
        return unit
    normal = np.linalg.solve(plane, unit)
    return normal if (normal > 1e-12).all() else unit
