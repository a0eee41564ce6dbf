#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "lm/backend.hpp"

namespace evoke::lm {

/// ys[i] = x * weightᵀ + bias of layers[i] with the kernels of the processor, on all threads; the
/// ys are overwritten. x: [rows, depth], weight: [columns, depth], y: [rows, columns]. x and the
/// weights have one type, float32 or bfloat16; the ys have that type or float32. All are
/// contiguous.
void cpu_products(const at::Tensor& x, std::span<const Linear* const> layers,
                  std::span<const at::Tensor> ys);

}  // namespace evoke::lm
