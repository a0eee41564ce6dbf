#pragma once

#include <memory>
#include <span>
#include <vector>

#include "evoke/evolution/operators.hpp"
#include "evoke/evolution/services.hpp"
#include "evoke/population/state.hpp"

namespace evoke::evolution {

/// An operator with its parents: what fills one slot.
struct Plan {
    const Operator* operation = nullptr;
    std::vector<population::Individual> parents;
};

struct BreedOptions {
    std::uint64_t seed = 0;
    std::uint32_t generation = 0;
    std::uint32_t attempts = 3;
    std::size_t max_prompt_tokens = 256;
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

/// Asks, parses and evaluates without a barrier: a child is evaluated as soon as it is born. Slot k
/// is decided (duplicates of `seen` and of lower slots, retries) once all lower slots are, so the
/// litter is a function of plans and answers alone, never of their order of arrival. Adds accepted
/// genomes to `seen` and numbers children from `next_id`.
[[nodiscard]] Litter breed(Services& services, std::span<const Plan> plans,
                           const population::Block& block, const BreedOptions& options,
                           population::SearchState& state);

}  // namespace evoke::evolution
