#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace evoke::population {

/// Equal bits, or both NaN: which NaN a processor makes is not part of a result.
[[nodiscard]] inline bool same_number(float a, float b) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

[[nodiscard]] inline bool same_number(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

template <class Number>
[[nodiscard]] bool same_numbers(const std::vector<Number>& a, const std::vector<Number>& b) {
    return std::ranges::equal(a, b, [](Number x, Number y) { return same_number(x, y); });
}

}  // namespace evoke::population
