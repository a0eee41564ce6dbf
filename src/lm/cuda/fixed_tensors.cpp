#include "lm/cuda/fixed_tensors.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <vector>

namespace evoke::lm::cuda {

at::Tensor FixedTensors::put(std::size_t place, const at::Tensor& values) {
    if (tensors_.size() <= place) tensors_.resize(place + 1);
    at::Tensor& tensor = tensors_[place];
    const std::int64_t count = values.size(0);
    if (!tensor.defined() || tensor.size(0) < count) {
        std::vector<std::int64_t> sizes = values.sizes().vec();
        // Twice the room for what grows again.
        sizes[0] = tensor.defined() ? std::max(count, 2 * tensor.size(0)) : count;
        tensor = at::empty(sizes, values.options().device(device_));
        ++version_;
    }
    at::Tensor put = tensor.narrow(0, 0, count);
    put.copy_(values);
    return put;
}

void FixedTensors::clear() {
    tensors_.clear();
    ++version_;
}

}  // namespace evoke::lm::cuda
