#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// For base models: three prompts as a list that the model goes on with. The next item is
/// the child. Parents with equal texts stand once.
[[nodiscard]] std::unique_ptr<const Operator> make_lm_complete(const OperatorContext& context);

}  // namespace evoke::evolution
