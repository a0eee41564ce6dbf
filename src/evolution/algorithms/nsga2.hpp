#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "evolution/generation.hpp"

namespace evoke::evolution {

/// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic algorithm:
/// NSGA-II", IEEE TEVC 6(2), 2002) over the job's objectives, with the job's operators:
///
///     each generation:
///         N times: child <- operator(parents by binary tournament: lower front, then more crowding
///                  distance)
///         R <- P and the children, sorted into non-dominated fronts
///         P <- R's fronts in turn; of the last one that fits in part, the least crowded
///
/// Infeasible individuals form a front of their own, the last. Front and crowding of parents are
/// computed over P, so that a state needs no more than its individuals. Parents of one child differ
/// as long as there are enough of them.
[[nodiscard]] std::unique_ptr<Algorithm> make_nsga2(Setting setting);

/// Where each individual stands in a group.
struct Standing {
    std::size_t front = 0;  ///< 0: dominated by nobody
    double crowding = 0;    ///< infinite at the ends of a front
};

/// Fronts and crowding distances. Of equal values the smaller id counts as the smaller one, so that
/// each objective has one individual at either end of a front.
[[nodiscard]] std::vector<Standing> standings(std::span<const population::Individual> individuals,
                                              std::span<const population::Objective> objectives);

/// The crowded-comparison operator: lower front, then more crowding distance.
[[nodiscard]] bool stands_before(const Standing& a, const Standing& b);

}  // namespace evoke::evolution
