#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "lm/backend.hpp"
#include "lm/cuda/device_ops.hpp"
#include "lm/cuda/packed_call.hpp"

namespace evoke::lm::cuda {

/// What all layers of a forward with the same reach share.
struct Plan {
    std::vector<QueryRun> runs;
    std::int64_t back = 0;
    at::Tensor places;  ///< [rows]
    at::Tensor growth;  ///< [rows], or undefined
    std::vector<PackedCall> calls;
};

/// All that a step of generation reads besides the weights, and where it stores: what a recording
/// of it keeps.
struct Step {
    at::Tensor hidden;                     ///< [rows, hidden] float32
    at::Tensor slots;                      ///< [rows]
    at::Tensor places;                     ///< [rows]
    std::vector<Plan> plans;               ///< one for each reach of the layers
    std::vector<Turns> turns;              ///< [layers]
    std::vector<at::Tensor> keys, values;  ///< the arena's, [layers]
};

}  // namespace evoke::lm::cuda
