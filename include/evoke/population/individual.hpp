#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evoke/core/ids.hpp"
#include "evoke/population/genome.hpp"

namespace evoke::population {

/// A genome with its history and what was measured.
struct Individual {
    IndividualId id;
    Genome genome;
    std::vector<IndividualId> parents;  ///< empty for the first population
    std::string operation;         ///< the operator that made it: "initial", "lm-crossover", …
    std::uint32_t generation = 0;  ///< in which it was born
    std::uint32_t slot = 0;
    std::uint32_t attempt = 0;  ///< proposals refused before it
    /// One per objective of the job, in the job's order; NaN when infeasible.
    std::vector<double> objectives;
    /// Means over the examples it was measured on, one per measure of the task, then prompt tokens
    /// of the genome alone, then generated tokens per example (names: Task::measure_names).
    std::vector<double> measures;
    bool feasible = true;  ///< false: overflowed the context on some example

    /// Numbers by bit pattern, every NaN alike: an infeasible individual equals its copy.
    friend bool operator==(const Individual& a, const Individual& b);
};

}  // namespace evoke::population
