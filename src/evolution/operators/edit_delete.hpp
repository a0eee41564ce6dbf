#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// Deletes one phrase; one word when there is one phrase only (GrIPS, Prasad et al. 2023).
[[nodiscard]] std::unique_ptr<const Operator> make_edit_delete(const OperatorContext& context);

}  // namespace evoke::evolution
