#pragma once

#include "lm/cuda/device_ops.hpp"

namespace evoke::lm::cuda {

/// Whether this build knows the operator, see flash_attention.cpp, and it takes such a model.
[[nodiscard]] bool flash_takes(const ModelSpec& spec, at::ScalarType dtype, at::Device device);

/// DeviceOps::attend of libtorch's varlen flash attention. Requires: `flash_takes`.
[[nodiscard]] Attended flash_attend(const at::Tensor& queries, const at::Tensor& keys,
                                    const at::Tensor& values, const PackedCall& call,
                                    const AttentionShape& shape);

}  // namespace evoke::lm::cuda
