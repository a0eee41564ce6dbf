#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace evoke::lm::cuda {

/// Tensors on a device whose contents change while they stay where they are.
class FixedTensors {
public:
    explicit FixedTensors(at::Device device) : device_{device} {}

    /// A copy of `values` [n, ...] where the last one of this place lay, unless there is no room
    /// for it. Requires: always the same type and sizes, but for n.
    [[nodiscard]] at::Tensor put(std::size_t place, const at::Tensor& values);

    /// Another one whenever a tensor moved.
    [[nodiscard]] std::int64_t version() const { return version_; }

    void clear();

private:
    at::Device device_;
    std::vector<at::Tensor> tensors_;  ///< [places][n or more, ...], or undefined
    std::int64_t version_ = 0;
};

}  // namespace evoke::lm::cuda
