#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "evoke/core/hash.hpp"
#include "evoke/population/individual.hpp"
#include "evoke/population/objective.hpp"
#include "evoke/population/proposal.hpp"
#include "evoke/population/score_matrix.hpp"

namespace evoke::population {

/// Logical cost so far: what was asked for, never what the cache saved (design rule 6.6).
struct Spent {
    std::uint64_t evaluations = 0;  ///< genome × example
    std::uint64_t prompt_tokens = 0;
    std::uint64_t generated_tokens = 0;
    std::uint64_t proposals = 0;

    friend bool operator==(const Spent&, const Spent&) = default;
};

/// Everything that the next step depends on. One generation file holds one state.
struct SearchState {
    std::uint32_t generation = 0;  ///< 0: the first population
    std::vector<Individual> population;
    /// The baseline (best of the first population) first, then the non-dominated individuals among
    /// all ever evaluated on the whole dev set, by id. The baseline may stand twice.
    std::vector<Individual> archive;
    /// Everyone born in this generation, survivors or not, in slot order.
    std::vector<Individual> born;
    ScoreMatrix scores;               ///< rows of population, archive and born
    std::vector<Proposal> proposals;  ///< of this generation
    std::set<ContentHash> seen;       ///< genomes evaluated so far
    IndividualId next_id;
    Spent spent;
    bool finished = false;  ///< the algorithm itself ended (target reached)
    std::string note;       ///< one line for a person: why the best one won, or why it ended
};

}  // namespace evoke::population
