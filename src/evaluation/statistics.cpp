#include "evoke/evaluation/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace evoke::evaluation {

namespace {

/// The 97.5 % point of the standard normal distribution.
constexpr double z = 1.959963984540054;

}  // namespace

Interval wilson_interval(std::size_t right, std::size_t count) {
    if (count == 0 || right > count) {
        throw std::invalid_argument{"wilson_interval: expected right <= count and count > 0"};
    }
    const auto n = static_cast<double>(count);
    const double p = static_cast<double>(right) / n;
    const double centre = p + z * z / (2 * n);
    const double spread = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    const double scale = 1 + z * z / n;
    // The exact bound at 0 and 1 is 0 and 1; rounding must not cross it.
    return {.value = p,
            .low = right == 0 ? 0.0 : (centre - spread) / scale,
            .high = right == count ? 1.0 : (centre + spread) / scale};
}

Interval mean_interval(double sum, double sum_of_squares, std::size_t count) {
    if (count == 0) throw std::invalid_argument{"mean_interval: expected count > 0"};
    const auto n = static_cast<double>(count);
    const double mean = sum / n;
    if (count == 1) {
        const double unknown = std::numeric_limits<double>::quiet_NaN();
        return {.value = mean, .low = unknown, .high = unknown};
    }
    const double variance = std::max(0.0, (sum_of_squares - sum * mean) / (n - 1));
    const double half = z * std::sqrt(variance / n);
    return {.value = mean, .low = mean - half, .high = mean + half};
}

}  // namespace evoke::evaluation
