#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evoke/evolution/operators.hpp"
#include "evoke/evolution/services.hpp"
#include "evoke/population/state.hpp"

namespace evoke::evolution {

struct BreedOptions {
    std::uint64_t seed = 0;
    std::uint32_t generation = 0;
    std::uint32_t attempts = 3;           ///< proposals asked for a slot before it stays empty
    std::size_t max_prompt_tokens = 256;  ///< longest genome that is accepted
};

/// A slot's child with its outcomes on the block.
struct Child {
    population::Individual individual;  ///< measures and objectives not yet set
    std::vector<population::Outcome> outcomes;
};

struct Litter {
    std::vector<Child> children;  ///< in slot order; slots that stayed empty are left out
    std::vector<population::Proposal> proposals;  ///< by slot, then attempt
};

/// Asks, parses and evaluates without a barrier: all slots ask at once, and a child is evaluated as
/// soon as it is born. The litter is that of filling the slots one after the other: slot k gets its
/// first proposal that is well formed, short enough, and equal to no genome of `seen` or of a lower
/// slot. It is a function of plans and answers alone, never of their order of arrival.
///
/// Adds accepted genomes to state.seen, numbers children from state.next_id in slot order, and
/// counts proposals and evaluations in state.spent. Nothing submitted is left unanswered.
[[nodiscard]] Litter breed(Services& services, std::span<const Plan> plans,
                           const population::Block& block, const BreedOptions& options,
                           population::SearchState& state);

}  // namespace evoke::evolution
