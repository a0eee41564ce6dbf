#pragma once

#include <span>
#include <vector>

#include "evoke/lm/language_model.hpp"
#include "lm/head.hpp"
#include "lm/tree_runner.hpp"

namespace evoke::lm {

/// Throws InputError for a request that breaks its requirements.
[[nodiscard]] std::vector<ScoreResult> score_requests(std::span<const ScoreRequest> requests,
                                                      TreeMachine machine, const Head& head);

/// Throws InputError: an id outside the vocabulary.
void check_ids(std::span<const TokenId> ids, std::int64_t vocabulary, std::size_t request);

}  // namespace evoke::lm
