#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// Says one phrase a second time, at some other place; one word when there is one phrase only.
[[nodiscard]] std::unique_ptr<const Operator> make_edit_repeat(const OperatorContext& context);

}  // namespace evoke::evolution
