#pragma once

#include <span>
#include <vector>

#include "evoke/lm/language_model.hpp"
#include "lm/head.hpp"
#include "lm/tree_runner.hpp"

namespace evoke::lm {

/// Throws InputError for a request that breaks its requirements.
[[nodiscard]] std::vector<GenerateResult> generate_requests(
    std::span<const GenerateRequest> requests, TreeMachine machine, const Head& head,
    const text::Tokenizer& tokenizer);

}  // namespace evoke::lm
