#pragma once

#include <string>
#include <vector>

#include "evoke/core/hash.hpp"
#include "evoke/core/ids.hpp"

namespace evoke::population {

/// What evolution changes.
struct Genome {
    std::string instruction;                ///< UTF-8
    std::vector<ExampleId> demonstrations;  ///< of the task's demonstration split, in order shown
    /// The prompt's own tokens, when the search works on tokens; `instruction` is then their text.
    std::vector<TokenId> tokens;

    friend bool operator==(const Genome&, const Genome&) = default;
};

/// Names the content: equal genomes, equal hash. Part of every cache key.
[[nodiscard]] ContentHash content_hash(const Genome& genome);

}  // namespace evoke::population
