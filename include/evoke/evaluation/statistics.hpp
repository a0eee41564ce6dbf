#pragma once

#include <cstddef>

namespace evoke::evaluation {

struct Interval {
    double value = 0;
    double low = 0;
    double high = 0;
};

/// Wilson score interval of a proportion, 95 %, without continuity correction (Wilson 1927).
/// Requires: right <= count, count > 0. Throws std::invalid_argument otherwise.
[[nodiscard]] Interval wilson_interval(std::size_t right, std::size_t count);

/// Mean with a normal-approximation 95 % interval, for measures that are no proportion. One value
/// says nothing about spread: low and high are then NaN.
/// Requires: count > 0. Throws std::invalid_argument otherwise.
[[nodiscard]] Interval mean_interval(double sum, double sum_of_squares, std::size_t count);

}  // namespace evoke::evaluation
