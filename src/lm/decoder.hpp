#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "lm/backend.hpp"
#include "lm/checkpoint.hpp"
#include "lm/decoder_spec.hpp"

namespace evoke::lm {

struct LayerWeights {
    at::Tensor attention_norm;  ///< [hidden] float32
    Linear query, key, value, attention_output;
    at::Tensor mlp_norm;  ///< [hidden] float32
    Linear gate, up, down;
};

struct DecoderWeights {
    at::Tensor embedding;  ///< [vocabulary, hidden]
    std::vector<LayerWeights> layers;
    at::Tensor final_norm;  ///< [hidden] float32
    at::Tensor head;        ///< [vocabulary, hidden]
    /// Tensors of the file's own type on the processor are views of the mapped file.
    std::shared_ptr<const Checkpoint> checkpoint;
};

/// Requires: `checkpoint->require(spec)` passed.
[[nodiscard]] DecoderWeights load_weights(const DecoderSpec& spec,
                                          std::shared_ptr<const Checkpoint> checkpoint,
                                          at::ScalarType dtype, at::Device device);

/// One packed forward.
struct ForwardInput {
    std::vector<TokenId> ids;           ///< [rows]
    std::vector<Span> spans;            ///< cover the rows in order
    std::vector<std::int64_t> outputs;  ///< rows whose final state is wanted, ascending
};

/// Runs what a DecoderSpec describes.
class Decoder {
public:
    Decoder(DecoderSpec spec, DecoderWeights weights, std::unique_ptr<Backend> backend);

    /// Fills the spans' last states and returns the normalised final states of the wanted rows,
    /// [outputs, hidden], as activations.
    [[nodiscard]] at::Tensor forward(const ForwardInput& input);

    [[nodiscard]] const DecoderSpec& spec() const { return spec_; }
    [[nodiscard]] const DecoderWeights& weights() const { return weights_; }
    [[nodiscard]] Backend& backend() { return *backend_; }

private:
    [[nodiscard]] at::Tensor embed(const std::vector<TokenId>& ids) const;
    [[nodiscard]] at::Tensor feed_forward(const LayerWeights& layer, const at::Tensor& x) const;

    DecoderSpec spec_;
    DecoderWeights weights_;
    std::unique_ptr<Backend> backend_;
};

}  // namespace evoke::lm
