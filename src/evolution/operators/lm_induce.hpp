#pragma once

#include <memory>

#include "evolution/operators/language_operator.hpp"

namespace evoke::evolution {

/// The model writes an instruction from demonstrations alone (Honovich et al. 2022; APE, Zhou et
/// al. 2023). Needs no parents: it brings new blood.
[[nodiscard]] std::unique_ptr<const Operator> make_lm_induce(const OperatorContext& context);

}  // namespace evoke::evolution
