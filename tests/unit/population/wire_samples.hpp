#pragma once

#include <limits>

#include "evoke/population/wire.hpp"

namespace evoke::population {

/// One of each message, with every field away from its default.
inline EvaluateUnit sample_evaluate() {
    return {.genomes = {{.instruction = "Is it good?\n\xc3\xa9",
                         .demonstrations = {ExampleId{4}, ExampleId{70000}},
                         .tokens = {1, -2, 50256}},
                        {}},
            .examples = {ExampleId{0}, ExampleId{199}}};
}

inline AskUnit sample_ask() {
    return {.prompt = std::string("improve\0this", 12),
            .chat = true,
            .stop = {"</prompt>", ""},
            .max_tokens = 64,
            .temperature = 0.8,
            .top_p = 0.95,
            .key = {.seed = 0x0123456789abcdefULL,
                    .purpose = Purpose::proposal,
                    .generation = 3,
                    .slot = 5,
                    .attempt = 2}};
}

inline ContinueUnit sample_continue() {
    return {.tokens = {11, 12, 13}, .max_tokens = 7};
}

inline EvaluateResult sample_outcomes() {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    return {.outcomes = {{.values = {1.0F, 0.125F},
                          .status = OutcomeStatus::unparsed,
                          .prompt_tokens = 300,
                          .generated_tokens = 2,
                          .seconds = 0.25F},
                         {.values = {nan, nan}, .status = OutcomeStatus::overflow}}};
}

inline Reply sample_reply() {
    return {.text = "<prompt>Be brief.</prompt>",
            .tokens = {9, 8},
            .truncated = true,
            .prompt_tokens = 77,
            .generated_tokens = 2};
}

}  // namespace evoke::population
