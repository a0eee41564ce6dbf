#pragma once

#include <span>

#include "evoke/core/ids.hpp"
#include "evoke/lm/language_model.hpp"

namespace evoke::lm {

/// The next id of a text. Applied in the order of transformers: repetition penalty (over
/// `history`), temperature, top-k, top-p, min-p; then the id at which the running sum of the
/// remaining probabilities, in order of ids, passes `uniform`. Temperature 0: the first most
/// probable id after the penalty.
/// Requires: logits not empty, uniform in [0, 1).
[[nodiscard]] TokenId sample(std::span<const float> logits, const Sampling& sampling,
                             std::span<const TokenId> history, double uniform);

/// Throws InputError naming the setting that makes no sense.
void check_sampling(const Sampling& sampling);

}  // namespace evoke::lm
