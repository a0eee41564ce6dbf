#pragma once

#include <memory>
#include <span>
#include <vector>

#include "evoke/evolution/algorithm.hpp"
#include "evoke/evolution/breed.hpp"
#include "evoke/evolution/operators.hpp"
#include "evoke/evolution/services.hpp"
#include "evoke/population/state.hpp"

namespace evoke::evolution {

/// What a search keeps from the first generation to the last. Never changes.
struct Setting {
    SearchOptions options;
    Problem problem;
    std::vector<std::unique_ptr<const Operator>> operators;

    [[nodiscard]] std::size_t population() const {
        return static_cast<std::size_t>(options.population);
    }
    [[nodiscard]] std::span<const population::Objective> objectives() const {
        return problem.objectives;
    }
};

// One generation of every algorithm that breeds: open_generation, choose parents, bear, choose
// survivors, close_generation.

/// Generation 0: every initial genome measured on dev (equal ones once), numbered in their order;
/// the best `population` start, the very best is the baseline.
[[nodiscard]] population::SearchState first_generation(const Setting& setting, Services& services);

/// Numbers the next generation and clears what belongs to the last one.
void open_generation(population::SearchState& state);

/// The operator of a slot: the job's operators in turn, from slot to slot and from generation to
/// generation.
[[nodiscard]] const Operator& operator_of(const Setting& setting,
                                          const population::SearchState& state, std::size_t slot);

/// The plan with what is known of the first parent's mistakes.
[[nodiscard]] Plan make_plan(const Setting& setting, const population::SearchState& state,
                             const Operator& operation,
                             std::vector<population::Individual> parents);

/// The key for choosing the parents of a slot.
[[nodiscard]] RandomKey selection_key(const Setting& setting, const population::SearchState& state,
                                      std::size_t slot);

/// Breeds and measures: state.born and state.proposals are filled, scores and spent grow.
void bear(population::SearchState& state, Services& services, std::span<const Plan> plans,
          const Setting& setting);

/// Survivors and those born enter the archive, rows of everybody else go, and the note is written.
/// `before` is the population that the parents were chosen from.
void close_generation(population::SearchState& state,
                      std::span<const population::Individual> before, const Setting& setting);

/// Drops score rows of individuals that are in none of population, archive and born.
void keep_rows(population::SearchState& state);

}  // namespace evoke::evolution
