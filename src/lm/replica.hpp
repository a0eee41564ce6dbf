#pragma once

#include <memory>

#include "evoke/lm/language_model.hpp"

namespace evoke::lm {

/// Which kernels compute what is not a matrix product.
enum class BackendKind {
    best,       ///< own kernels on the processor, ATen elsewhere
    reference,  ///< ATen on every device: the yardstick of tests
};

/// load_model with a tokenizer of one's own.
[[nodiscard]] std::unique_ptr<LanguageModel> load_replica(
    const ModelOptions& options, std::unique_ptr<const text::Tokenizer> tokenizer,
    BackendKind kind = BackendKind::best);

}  // namespace evoke::lm
