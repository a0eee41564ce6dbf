#pragma once

#include <cstdint>
#include <memory>

#include "lm/backend.hpp"
#include "lm/cuda/device_ops.hpp"
#include "lm/cuda/recorder.hpp"

namespace evoke::lm {

struct CudaBackendOptions {
    std::int64_t most_slots = 0;  ///< tokens whose states exist at once; 0: see KvArena
    /// Of steps of generation, where `ops` are repeatable; null: they are not recorded.
    std::unique_ptr<cuda::Recorder> recorder;
};

/// What CUDA devices run: packed attention over an arena of states, products of fixed shapes. Runs
/// on every device that `ops` run on. Requires: the model does not look ahead (`runs_packed`).
[[nodiscard]] std::unique_ptr<Backend> make_cuda_backend(const ModelSpec& spec,
                                                         at::ScalarType dtype, at::Device device,
                                                         cuda::DeviceOps ops,
                                                         CudaBackendOptions options = {});

/// Whether make_cuda_backend takes the model; else make_aten_backend does.
[[nodiscard]] bool runs_packed(const ModelSpec& spec);

}  // namespace evoke::lm
