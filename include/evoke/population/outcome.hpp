#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace evoke::population {

/// What the model did. What the machine did (out of memory, a lost worker) is never an outcome.
enum class OutcomeStatus : std::uint8_t {
    ok = 0,
    unparsed = 1,  ///< the answer could not be read: counted wrong, and flagged
    overflow = 2,  ///< the prompt did not fit the context: the individual is infeasible
};
[[nodiscard]] std::string_view to_string(OutcomeStatus status);

/// One genome on one example: an entry of the score matrix.
struct Outcome {
    /// One per measure of the task, in the task's order; the first is the primary one. NaN on
    /// overflow.
    std::vector<float> values;
    OutcomeStatus status = OutcomeStatus::ok;
    std::uint32_t prompt_tokens = 0;     ///< ids given to the model, all of them
    std::uint32_t generated_tokens = 0;  ///< ids that the model wrote
    float seconds = 0;                   ///< the unit's time divided among its outcomes

    /// Equal in everything that must not depend on machine or moment, values by bit pattern (every
    /// NaN alike).
    [[nodiscard]] bool same_result(const Outcome& other) const;
};

}  // namespace evoke::population
