#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

// They change the demonstrations that a prompt carries, and leave its instruction. What cannot be
// done is replaced by what can: dropping or swapping where there are none adds one, adding to a
// full prompt swaps one.

/// Adds one demonstration that the prompt does not carry yet, at its end.
[[nodiscard]] std::unique_ptr<const Operator> make_demonstrations_add(const OperatorContext&);
/// Drops one.
[[nodiscard]] std::unique_ptr<const Operator> make_demonstrations_drop(const OperatorContext&);
/// Replaces one by another.
[[nodiscard]] std::unique_ptr<const Operator> make_demonstrations_swap(const OperatorContext&);

}  // namespace evoke::evolution
