#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lm/checkpoint.hpp"

namespace evoke::lm {

/// How a checkpoint orders a matrix whose rows are computed with one by one.
struct StoredOrder {
    bool transposed = false;  ///< [in, out]
    /// Rows are [heads, 3, head_dim] for [3, heads, head_dim]; 0: they are not.
    std::int64_t interleaved_heads = 0;

    [[nodiscard]] bool plain() const { return !transposed && interleaved_heads == 0; }
};

/// A tensor as it is stored.
struct StoredMatrix {
    std::vector<std::int64_t> shape;
    StoredOrder order;
};

/// Where the tensors of a model come from while it is put together.
class TensorSource {
public:
    virtual ~TensorSource() = default;
    /// In the type and the order that matrices are computed in.
    [[nodiscard]] virtual at::Tensor matrix(const std::string& name,
                                            const StoredMatrix& stored) = 0;
    [[nodiscard]] virtual at::Tensor float32(const std::string& name,
                                             const std::vector<std::int64_t>& shape) = 0;
};

/// A view of the mapped file, in the file's type. Requires: the name is there.
[[nodiscard]] at::Tensor stored_tensor(const Checkpoint& checkpoint, const std::string& name);

/// A view of a stored matrix whose numbers come in the order that is computed with, though its
/// shape may have more dimensions.
[[nodiscard]] at::Tensor in_computed_order(const at::Tensor& stored, const StoredOrder& order);
/// The shape that is computed with.
[[nodiscard]] std::vector<std::int64_t> computed_shape(const StoredMatrix& stored);

/// Reads a checkpoint. On the processor, a tensor of the file's own type and order is a view of the
/// mapped file, and another matrix one of ConvertedWeights. `asked`: all matrices that will be.
/// Requires: the checkpoint holds them.
[[nodiscard]] std::unique_ptr<TensorSource> make_loader(
    const Checkpoint& checkpoint, const std::map<std::string, StoredMatrix>& asked,
    at::ScalarType dtype, at::Device device);

/// Notes what is asked for and hands out tensors without data.
class TensorRecorder final : public TensorSource {
public:
    [[nodiscard]] at::Tensor matrix(const std::string& name, const StoredMatrix& stored) override;
    [[nodiscard]] at::Tensor float32(const std::string& name,
                                     const std::vector<std::int64_t>& shape) override;

    [[nodiscard]] const std::map<std::string, StoredMatrix>& matrices() const { return matrices_; }
    [[nodiscard]] const std::map<std::string, std::vector<std::int64_t>>& shapes() const {
        return shapes_;
    }

private:
    std::map<std::string, StoredMatrix> matrices_;
    std::map<std::string, std::vector<std::int64_t>> shapes_;  ///< of all tensors
};

}  // namespace evoke::lm
