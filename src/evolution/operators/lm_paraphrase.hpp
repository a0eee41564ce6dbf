#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// The model writes one prompt in other words.
[[nodiscard]] std::unique_ptr<const Operator> make_lm_paraphrase(const OperatorContext& context);

}  // namespace evoke::evolution
