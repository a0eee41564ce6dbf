#pragma once

#include <ATen/core/Tensor.h>

#include "lm/backend.hpp"

namespace evoke::lm {

/// y = x * weightᵀ + bias with the kernels of the processor, on all threads; y is overwritten.
/// x: [rows, depth], weight: [columns, depth], y: [rows, columns]. x and weight have one type,
/// float32 or bfloat16; y has that type or float32. All are contiguous.
void cpu_product(const at::Tensor& x, const Linear& layer, const at::Tensor& y);

}  // namespace evoke::lm
