#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>

#include "evoke/lm/options.hpp"
#include "lm/model_spec.hpp"

namespace evoke::lm {

/// ModelOptions::chunk_tokens, or what stands for 0: 2048; on a GPU half of it until what such a
/// forward computes with fits into a quarter of the memory that the weights leave. Follows from the
/// model and the device's size alone, so that equal GPUs choose alike. `parameters`: of the
/// weights.
[[nodiscard]] std::int64_t chunk_tokens(const ModelOptions& options, const ModelSpec& spec,
                                        std::uint64_t parameters, at::ScalarType dtype,
                                        at::Device device);

/// The same, given the bytes that the weights leave.
[[nodiscard]] std::int64_t fitting_chunk(const ModelSpec& spec, at::ScalarType dtype,
                                         std::size_t beside_weights);

/// Bytes for ModelOptions::prefix_cache_mib. Requires: the weights are loaded.
[[nodiscard]] std::size_t prefix_cache_bytes(const ModelOptions& options, at::Device device);

}  // namespace evoke::lm
