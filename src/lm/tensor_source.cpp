#include "lm/tensor_source.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "lm/converted_weights.hpp"

namespace evoke::lm {

namespace {

at::ScalarType scalar_type(StoredType type) {
    switch (type) {
        case StoredType::float16:
            return at::kHalf;
        case StoredType::bfloat16:
            return at::kBFloat16;
        default:
            return at::kFloat;
    }
}

class Loader final : public TensorSource {
public:
    Loader(const Checkpoint& checkpoint, const std::map<std::string, StoredMatrix>& asked,
           at::ScalarType dtype, at::Device device)
        : checkpoint_{checkpoint}, dtype_{dtype}, device_{device} {
        if (device.is_cpu())
            converted_ = ConvertedWeights::open(checkpoint, asked, dtype, host_folder());
    }

    at::Tensor matrix(const std::string& name, const StoredMatrix& stored) override {
        const at::Tensor shared = ConvertedWeights::find(converted_, name);
        if (shared.defined()) return shared;
        const at::Tensor own = stored_tensor(checkpoint_, name).to(device_, dtype_);
        return in_computed_order(own, stored.order).reshape(computed_shape(stored)).contiguous();
    }
    at::Tensor float32(const std::string& name, const std::vector<std::int64_t>&) override {
        return stored_tensor(checkpoint_, name).to(device_, at::kFloat);
    }

private:
    const Checkpoint& checkpoint_;
    at::ScalarType dtype_;
    at::Device device_;
    std::shared_ptr<const ConvertedWeights> converted_;
};

}  // namespace

at::Tensor stored_tensor(const Checkpoint& checkpoint, const std::string& name) {
    const StoredTensor& stored = checkpoint.tensor(name);
    // The mapping is read-only and nothing writes to weights.
    auto* data = const_cast<std::byte*>(stored.bytes.data());
    return at::from_blob(data, stored.shape, at::TensorOptions{}.dtype(scalar_type(stored.type)));
}

at::Tensor in_computed_order(const at::Tensor& stored, const StoredOrder& order) {
    if (order.transposed) return stored.t();
    if (order.interleaved_heads == 0) return stored;
    const std::int64_t head_dim = stored.size(0) / (3 * order.interleaved_heads);
    return stored.view({order.interleaved_heads, 3, head_dim, -1}).transpose(0, 1);
}

std::vector<std::int64_t> computed_shape(const StoredMatrix& stored) {
    std::vector<std::int64_t> shape = stored.shape;
    if (stored.order.transposed) std::ranges::reverse(shape);
    return shape;
}

std::unique_ptr<TensorSource> make_loader(const Checkpoint& checkpoint,
                                          const std::map<std::string, StoredMatrix>& asked,
                                          at::ScalarType dtype, at::Device device) {
    return std::make_unique<Loader>(checkpoint, asked, dtype, device);
}

at::Tensor TensorRecorder::matrix(const std::string& name, const StoredMatrix& stored) {
    matrices_.insert_or_assign(name, stored);
    shapes_.insert_or_assign(name, stored.shape);
    return at::empty(computed_shape(stored), at::TensorOptions{}.device(at::kMeta));
}

at::Tensor TensorRecorder::float32(const std::string& name,
                                   const std::vector<std::int64_t>& shape) {
    shapes_.insert_or_assign(name, shape);
    return at::empty(shape, at::TensorOptions{}.device(at::kMeta));
}

}  // namespace evoke::lm
