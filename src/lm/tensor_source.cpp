#include "lm/tensor_source.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

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
    Loader(const Checkpoint& checkpoint, at::ScalarType dtype, at::Device device)
        : checkpoint_{checkpoint}, dtype_{dtype}, device_{device} {
        if (device.is_cpu()) converted_ = ConvertedWeights::open(checkpoint, dtype, host_folder());
    }

    at::Tensor matrix(const std::string& name, const std::vector<std::int64_t>&) override {
        const at::Tensor shared = ConvertedWeights::find(converted_, name);
        return shared.defined() ? shared : stored_tensor(checkpoint_, name).to(device_, dtype_);
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

std::unique_ptr<TensorSource> make_loader(const Checkpoint& checkpoint, at::ScalarType dtype,
                                          at::Device device) {
    return std::make_unique<Loader>(checkpoint, dtype, device);
}

at::Tensor TensorRecorder::matrix(const std::string& name, const std::vector<std::int64_t>& shape) {
    asked_.insert_or_assign(name, shape);
    return at::empty(shape, at::TensorOptions{}.dtype(at::kFloat).device(at::kMeta));
}

}  // namespace evoke::lm
