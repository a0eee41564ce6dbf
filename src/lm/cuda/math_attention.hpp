#pragma once

#include "lm/cuda/device_ops.hpp"

namespace evoke::lm::cuda {

/// DeviceOps::attend of ATen operators, any type, head size and soft cap: tiles of 64 rows over
/// blocks of 128 keys that begin where the sequence's keys do, with a running softmax in float32.
/// Short and slow: some launches for each tile and block.
[[nodiscard]] Attended math_attend(const at::Tensor& queries, const at::Tensor& keys,
                                   const at::Tensor& values, const PackedCall& call,
                                   const AttentionShape& shape);

}  // namespace evoke::lm::cuda
