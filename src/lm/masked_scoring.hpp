#pragma once

#include <span>
#include <vector>

#include "evoke/lm/language_model.hpp"
#include "lm/head.hpp"
#include "lm/tree_runner.hpp"

namespace evoke::lm {

/// Each text is computed whole: what looks ahead shares no states. Throws InputError for a request
/// that breaks its requirements.
[[nodiscard]] std::vector<MaskedResult> score_masks(std::span<const MaskedRequest> requests,
                                                    TreeMachine machine, const Head& head);

}  // namespace evoke::lm
