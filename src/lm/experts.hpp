#pragma once

#include <ATen/core/Tensor.h>

#include "lm/backend.hpp"
#include "lm/weights.hpp"

namespace evoke::lm {

/// Sends each row of activations [rows, hidden] through its most probable experts and adds their
/// answers, weighted, in the order of the experts' numbers.
[[nodiscard]] at::Tensor run_experts(Backend& backend, const ExpertSpec& spec,
                                     Activation activation, const LayerWeights& layer,
                                     const at::Tensor& x, Rows which);

}  // namespace evoke::lm
