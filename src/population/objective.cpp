#include "evoke/population/objective.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace evoke::population {

namespace {

/// Smaller is better, for every direction: doubles as integers in the same order, NaN last.
std::uint64_t cost(double value, Direction direction) {
    if (std::isnan(value)) return std::numeric_limits<std::uint64_t>::max();
    const double signed_cost = direction == Direction::minimise ? value : -value;
    // Adding zero makes -0 and +0 one value.
    const auto bits = std::bit_cast<std::uint64_t>(signed_cost + 0.0);
    constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

void require_equal_lengths(std::size_t values, std::size_t objectives) {
    if (values != objectives)
        throw std::invalid_argument{"a point has " + std::to_string(values) + " values for " +
                                    std::to_string(objectives) + " objectives"};
}

using Costs = std::vector<std::uint64_t>;

Costs costs_of(std::span<const double> values, std::span<const Objective> objectives) {
    require_equal_lengths(values.size(), objectives.size());
    Costs costs(values.size());
    for (std::size_t k = 0; k < values.size(); ++k)
        costs[k] = cost(values[k], objectives[k].direction);
    return costs;
}

bool dominates(const Costs& a, const Costs& b) {
    bool better = false;
    for (std::size_t k = 0; k < a.size(); ++k) {
        if (a[k] > b[k]) return false;
        better = better || a[k] < b[k];
    }
    return better;
}

}  // namespace

bool dominates(std::span<const double> a, std::span<const double> b,
               std::span<const Objective> objectives) {
    return dominates(costs_of(a, objectives), costs_of(b, objectives));
}

// In lexicographic order of costs nothing is dominated by what comes later, and what a member of
// one front dominates is dominated by some member of every front before it. So the front of a point
// is found by bisection among the fronts so far (ENS-BS: Zhang, Tian, Cheng, Jin, "An efficient
// approach to nondominated sorting", IEEE TEVC 2015).
std::vector<std::size_t> front_ranks(std::span<const std::vector<double>> points,
                                     std::span<const Objective> objectives) {
    std::vector<Costs> costs;
    costs.reserve(points.size());
    for (const std::vector<double>& point : points) costs.push_back(costs_of(point, objectives));

    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return costs[a] < costs[b]; });

    std::vector<std::vector<std::size_t>> fronts;
    std::vector<std::size_t> ranks(points.size());
    for (const std::size_t point : order) {
        // The latest members are the nearest, and so the likeliest to dominate.
        const auto dominated_by = [&](const std::vector<std::size_t>& front) {
            return std::any_of(front.rbegin(), front.rend(), [&](std::size_t member) {
                return dominates(costs[member], costs[point]);
            });
        };
        const auto front = std::partition_point(fronts.begin(), fronts.end(), dominated_by);
        ranks[point] = static_cast<std::size_t>(front - fronts.begin());
        if (front == fronts.end()) {
            fronts.push_back({point});
        } else {
            front->push_back(point);
        }
    }
    return ranks;
}

}  // namespace evoke::population
