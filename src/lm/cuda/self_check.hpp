#pragma once

#include <string>

#include "lm/cuda/device_ops.hpp"

namespace evoke::lm::cuda {

/// Holds `ops` against math_ops on small random tensors of the model's head sizes, with what the
/// backend relies on: sequences that share keys, rows that see none, windows, unused slots.
/// Returns what differs, or the error; empty: nothing.
[[nodiscard]] std::string why_not(const DeviceOps& ops, const ModelSpec& spec, at::ScalarType dtype,
                                  at::Device device);

}  // namespace evoke::lm::cuda
