#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace evoke::population {

enum class Direction { minimise, maximise };

/// A measure with a direction, e.g. accuracy = "max".
struct Objective {
    std::string measure;
    Direction direction = Direction::maximise;

    friend bool operator==(const Objective&, const Objective&) = default;
};

/// Whether `a` is no worse than `b` in every objective and better in one. NaN is worst.
/// Requires: equal lengths.
[[nodiscard]] bool dominates(std::span<const double> a, std::span<const double> b,
                             std::span<const Objective> objectives);

/// Non-dominated sorting (Deb et al. 2002): the front of each point, 0 for the best. NaN is worst.
[[nodiscard]] std::vector<std::size_t> front_ranks(std::span<const std::vector<double>> points,
                                                   std::span<const Objective> objectives);

/// The suggested balance: the index of the point of a front farthest below the plane through the
/// extreme points (the best in each objective), after each objective is scaled to [0, 1] over the
/// front. Objectives in which all points are equal do not count; those that one extreme point is
/// best in share its weight; where the plane does not rise in each objective, the one through the
/// unit points is taken. Ties: the smaller of `tie_break` (prompt tokens), then the first. A point
/// with NaN or infinity is not suggested.
/// Requires: points not empty, one tie_break a point.
[[nodiscard]] std::size_t knee(std::span<const std::vector<double>> points,
                               std::span<const Objective> objectives,
                               std::span<const double> tie_break);

}  // namespace evoke::population
