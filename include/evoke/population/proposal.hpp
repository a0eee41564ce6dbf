#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/core/ids.hpp"

namespace evoke::population {

/// What became of something an operator proposed.
enum class Verdict : std::uint8_t {
    accepted = 0,
    truncated = 1,  ///< the model was cut off before it ended its prompt
    empty = 2,
    too_long = 3,   ///< more prompt tokens than the job allows
    duplicate = 4,  ///< this genome was already evaluated in this run
    malformed = 5,  ///< no prompt could be read from the answer, or one that spells special tokens
};
[[nodiscard]] std::string_view to_string(Verdict verdict);

/// One attempt of one slot, kept whether accepted or refused.
struct Proposal {
    std::uint32_t generation = 0;
    std::uint32_t slot = 0;
    std::uint32_t attempt = 0;
    std::string operation;
    std::vector<IndividualId> parents;
    std::string raw;  ///< the model's answer; the proposed text itself for edit operators
    Verdict verdict = Verdict::accepted;
    std::optional<IndividualId> child;
    std::uint32_t prompt_tokens = 0;
    std::uint32_t generated_tokens = 0;

    friend bool operator==(const Proposal&, const Proposal&) = default;
};

}  // namespace evoke::population
