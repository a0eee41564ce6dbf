#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// EvoPrompt-GA's operator (Guo et al., ICLR 2024): the model crosses two prompts and mutates the
/// result, step by step, after one worked example of another task.
[[nodiscard]] std::unique_ptr<const Operator> make_lm_crossover_mutation(
    const OperatorContext& context);

}  // namespace evoke::evolution
