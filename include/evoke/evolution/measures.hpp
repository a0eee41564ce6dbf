#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/population/individual.hpp"
#include "evoke/population/objective.hpp"
#include "evoke/population/outcome.hpp"
#include "evoke/population/state.hpp"

namespace evoke::evolution {

/// Where Individual::measures holds `name`: the task's measures first, then "prompt_tokens", then
/// "generated_tokens"; nullopt when it is none of these.
[[nodiscard]] std::optional<std::size_t> measure_index(std::string_view name,
                                                       std::span<const std::string> measures);

/// Sets measures (means over `outcomes`), objectives and `feasible`. One outcome that overflowed
/// makes the individual infeasible: its objectives are NaN, and so are its measures except
/// prompt_tokens.
/// Requires: outcomes not empty; `measures` names what Outcome::values hold. Throws
/// std::invalid_argument when an objective is no measure or an outcome has another number of
/// values.
void set_measures(population::Individual& individual, std::span<const population::Outcome> outcomes,
                  std::span<const std::string> measures, std::size_t prompt_tokens,
                  std::span<const population::Objective> objectives);

/// Whether `a` comes before `b` in a ranking by the first objective: feasible first, then the
/// better value (NaN is worst), then fewer prompt tokens, then the smaller id. A strict order.
[[nodiscard]] bool ranks_before(const population::Individual& a, const population::Individual& b,
                                std::span<const population::Objective> objectives);

/// The first `count` of the ranking, in its order.
[[nodiscard]] std::vector<population::Individual> best_of(
    std::vector<population::Individual> individuals, std::size_t count,
    std::span<const population::Objective> objectives);

/// The archive after `evaluated` were measured on the whole dev set: its first entry, the baseline,
/// stays; then come the non-dominated of the rest and `evaluated`, by id. Only feasible ones enter.
/// Equal points do not dominate one another: all of them stay.
/// Requires: archive not empty.
[[nodiscard]] std::vector<population::Individual> updated_archive(
    std::span<const population::Individual> archive,
    std::span<const population::Individual> evaluated,
    std::span<const population::Objective> objectives);

/// Adds what was asked for: one evaluation and its tokens per outcome.
void count_outcomes(population::Spent& spent, std::span<const population::Outcome> outcomes);

}  // namespace evoke::evolution
