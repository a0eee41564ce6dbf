#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// Exchanges two phrases of one prompt; two words when there is one phrase only.
[[nodiscard]] std::unique_ptr<const Operator> make_edit_swap(const OperatorContext& context);

}  // namespace evoke::evolution
