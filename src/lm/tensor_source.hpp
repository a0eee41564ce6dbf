#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lm/checkpoint.hpp"

namespace evoke::lm {

/// Where the tensors of a model come from while it is put together.
class TensorSource {
public:
    virtual ~TensorSource() = default;
    /// In the type that matrices are computed in.
    [[nodiscard]] virtual at::Tensor matrix(const std::string& name,
                                            const std::vector<std::int64_t>& shape) = 0;
    [[nodiscard]] virtual at::Tensor float32(const std::string& name,
                                             const std::vector<std::int64_t>& shape) = 0;
};

/// A view of the mapped file, in the file's type. Requires: the name is there.
[[nodiscard]] at::Tensor stored_tensor(const Checkpoint& checkpoint, const std::string& name);

/// Reads a checkpoint. On the processor, a tensor of the file's own type is a view of the mapped
/// file, and a converted matrix one of ConvertedWeights. Requires: it holds what is asked for, in
/// the shapes asked for.
[[nodiscard]] std::unique_ptr<TensorSource> make_loader(const Checkpoint& checkpoint,
                                                        at::ScalarType dtype, at::Device device);

/// Notes what is asked for and hands out tensors without data.
class TensorRecorder final : public TensorSource {
public:
    [[nodiscard]] at::Tensor matrix(const std::string& name,
                                    const std::vector<std::int64_t>& shape) override;
    [[nodiscard]] at::Tensor float32(const std::string& name,
                                     const std::vector<std::int64_t>& shape) override {
        return matrix(name, shape);
    }
    [[nodiscard]] const std::map<std::string, std::vector<std::int64_t>>& asked() const {
        return asked_;
    }

private:
    std::map<std::string, std::vector<std::int64_t>> asked_;
};

}  // namespace evoke::lm
