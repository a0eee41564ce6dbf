#pragma once

#include <cstdint>
#include <memory>

#include "evoke/lm/language_model.hpp"

namespace evoke::lm {

/// Which kernels compute what is not a matrix product.
enum class BackendKind {
    best,       ///< own kernels on the processor, the CUDA backend elsewhere
    reference,  ///< ATen on every device: the yardstick of tests
    packed,     ///< the CUDA backend on every device, on the processor without its kernels
    eager,      ///< best, but steps of generation are not recorded: the yardstick of those that are
};

/// load_model with a tokenizer of one's own. `most_slots`: see CudaBackendOptions.
[[nodiscard]] std::unique_ptr<LanguageModel> load_replica(
    const ModelOptions& options, std::unique_ptr<const text::Tokenizer> tokenizer,
    BackendKind kind = BackendKind::best, std::int64_t most_slots = 0);

}  // namespace evoke::lm
