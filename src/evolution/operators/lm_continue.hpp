#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// For base models: the first words of a prompt, at least a third of them and not all, which the
/// model continues to the end of the sentence.
[[nodiscard]] std::unique_ptr<const Operator> make_lm_continue(const OperatorContext& context);

}  // namespace evoke::evolution
