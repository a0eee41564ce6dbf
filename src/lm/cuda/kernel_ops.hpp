#pragma once

#include "lm/cuda/device_ops.hpp"

namespace evoke::lm::cuda {

/// Whether this build has our own kernels (nvcc was found) and they take such a model.
[[nodiscard]] bool kernels_take(at::ScalarType dtype, at::Device device);

/// `ops` with our own kernels in all places but attention. Requires: `kernels_take`.
[[nodiscard]] DeviceOps with_kernels(DeviceOps ops);

}  // namespace evoke::lm::cuda
