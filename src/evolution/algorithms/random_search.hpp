#pragma once

#include <memory>

#include "evolution/generation.hpp"

namespace evoke::evolution {

/// The baseline that every result is held against: same operators, same number of children, but
/// nothing is learnt. Parents of every generation are drawn uniformly (without repetition) from the
/// first population.
///
/// state.population holds the best `population` ever seen, in the order of their ranking, and after
/// them whoever else of the first population is still needed as a parent.
[[nodiscard]] std::unique_ptr<Algorithm> make_random_search(Setting setting);

}  // namespace evoke::evolution
