#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// Replaces one phrase of the first parent by one of the second: crossover without a model.
[[nodiscard]] std::unique_ptr<const Operator> make_edit_exchange(const OperatorContext& context);

}  // namespace evoke::evolution
