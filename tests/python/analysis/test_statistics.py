"""Intervals and the suggested balance, with the values of the program's own tests."""

import math

import numpy as np
import pytest
from evoke_analysis import statistics as stats


def test_wilson_interval_of_published_examples():
    # Newcombe 1998, table I, method 3.
    assert stats.wilson(81, 263) == pytest.approx((81 / 263, 0.2553, 0.3662), abs=5e-5)
    assert stats.wilson(15, 148) == pytest.approx((15 / 148, 0.0624, 0.1605), abs=5e-5)
    assert stats.wilson(0, 20) == pytest.approx((0, 0, 0.1611), abs=5e-5)
    assert stats.wilson(1, 29) == pytest.approx((1 / 29, 0.0061, 0.1718), abs=5e-5)


def test_wilson_interval_ends_exactly_at_0_and_1():
    assert stats.wilson(0, 3).low == 0.0
    assert stats.wilson(3, 3).high == 1.0


@pytest.mark.parametrize(("right", "count"), [(0, 0), (3, 2), (-1, 2)])
def test_wilson_refuses_what_is_no_proportion(right, count):
    with pytest.raises(ValueError, match="expected 0 <= right <= count"):
        stats.wilson(right, count)


def test_mean_interval_is_normal():
    value, low, high = stats.mean(np.array([1.0, 2.0, 3.0, 4.0]))
    assert (value, low, high) == pytest.approx((2.5, 1.234849, 3.765151), abs=1e-6)


def test_a_single_value_has_no_interval():
    assert stats.mean(np.array([4.0])).value == 4.0
    assert math.isnan(stats.mean(np.array([4.0])).low)


def test_accuracy_is_a_proportion_and_loss_a_mean():
    values = np.array([1.0, 1.0, 0.0, 1.0])
    assert stats.of_measure("accuracy", values) == stats.wilson(3, 4)
    assert stats.of_measure("loss", values) == stats.mean(values)
    assert math.isnan(stats.of_measure("accuracy", np.array([1.0, np.nan])).value)


TWO = ["max", "min"]


def test_knee_is_farthest_below_the_line_between_the_extremes():
    points = [[0.90, 40], [0.88, 30], [0.85, 12], [0.70, 10], [0.60, 8]]
    assert stats.knee(points, TWO, [0] * 5) == 2


def test_knee_of_equal_heights_is_the_shortest_then_the_first():
    points = [[1.0, 4], [0.75, 3], [0.5, 2], [0.25, 1]]
    assert stats.knee(points, TWO, [100, 50, 25, 0]) == 3
    assert stats.knee(points, TWO, [7, 7, 7, 7]) == 0


def test_knee_leaves_out_objectives_in_which_all_are_equal():
    points = [[0.9, 40, 0], [0.8, 10, 0], [0.5, 9, 0]]
    assert stats.knee(points, ["max", "min", "min"], [40, 10, 9]) == 1


def test_knee_never_suggests_what_was_not_measured():
    assert stats.knee([[np.nan, 1], [0.4, 50]], TWO, [1, 50]) == 1
    assert stats.knee([[np.nan, np.nan]], TWO, [1]) == 0


def test_one_point_is_suggested_and_none_is_an_error():
    assert stats.knee([[0.4, 50]], TWO, [50]) == 0
    with pytest.raises(ValueError, match="empty front"):
        stats.knee(np.empty((0, 2)), TWO, [])
