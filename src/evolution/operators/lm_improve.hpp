#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// The model rewrites one prompt after seeing dev examples that it got wrong, with their right
/// answers (after ProTeGi, Pryzant et al. 2023). Without known mistakes it is shown demonstrations.
[[nodiscard]] std::unique_ptr<const Operator> make_lm_improve(const OperatorContext& context);

}  // namespace evoke::evolution
