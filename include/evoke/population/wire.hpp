#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "evoke/core/bytes.hpp"
#include "evoke/core/random.hpp"
#include "evoke/population/genome.hpp"
#include "evoke/population/outcome.hpp"

namespace evoke::population {

/// Measure each genome on each example: |genomes| × |examples| outcomes, genome by genome.
struct EvaluateUnit {
    std::vector<Genome> genomes;
    std::vector<ExampleId> examples;
};

/// Have the proposing model continue a text.
struct AskUnit {
    std::string prompt;
    bool chat = false;  ///< wrap the prompt as a user message in the model's chat template
    std::vector<std::string> stop;
    std::uint32_t max_tokens = 0;
    double temperature = 0;
    double top_p = 1;
    RandomKey key;
};

/// Greedy continuation of a genome's own tokens (target-output search).
struct ContinueUnit {
    std::vector<TokenId> tokens;
    std::uint32_t max_tokens = 0;
};

using Unit = std::variant<EvaluateUnit, AskUnit, ContinueUnit>;

/// What a model wrote.
struct Reply {
    std::string text;
    std::vector<TokenId> tokens;  ///< the generated ids
    bool truncated = false;       ///< ended by max_tokens, or the prompt did not fit
    std::uint32_t prompt_tokens = 0;
    std::uint32_t generated_tokens = 0;

    friend bool operator==(const Reply&, const Reply&) = default;
};

struct EvaluateResult {
    std::vector<Outcome> outcomes;  ///< as EvaluateUnit orders them
};

using UnitResult = std::variant<EvaluateResult, Reply>;

/// cereal portable binary: the payload of a frame, and of a journal entry.
[[nodiscard]] Bytes encode(const Unit& unit);
[[nodiscard]] Bytes encode(const UnitResult& result);
/// Lengths are checked before they are believed. Throws std::runtime_error for bytes that are no
/// unit (or no result).
[[nodiscard]] Unit decode_unit(ByteView bytes);
[[nodiscard]] UnitResult decode_result(ByteView bytes);

}  // namespace evoke::population
