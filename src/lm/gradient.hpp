#pragma once

#include <cstddef>

#include "evoke/lm/language_model.hpp"
#include "lm/transformer.hpp"

namespace evoke::lm {

/// Requires: the transformer's backend is made of differentiable operators (make_aten_backend).
/// Throws InputError naming request `number` when it breaks its requirements.
[[nodiscard]] GradientResult trigger_gradient(const GradientRequest& request,
                                              Transformer& transformer, std::size_t number);

}  // namespace evoke::lm
