#pragma once

#include <span>
#include <string>

#include "evoke/population/individual.hpp"
#include "evoke/population/objective.hpp"
#include "evoke/population/outcome.hpp"

namespace evoke::evolution {

/// Mean measures of outcomes, and the objectives they give. Also sets `feasible`.
/// `measures` names what Outcome::values hold.
void set_measures(population::Individual& individual, std::span<const population::Outcome> outcomes,
                  std::span<const std::string> measures, std::size_t prompt_tokens,
                  std::span<const population::Objective> objectives);

/// Whether `a` comes before `b` in a ranking by the first objective: feasible first, then the
/// better value, then fewer prompt tokens, then the smaller id.
[[nodiscard]] bool ranks_before(const population::Individual& a, const population::Individual& b,
                                std::span<const population::Objective> objectives);

}  // namespace evoke::evolution
