#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "lm/backend.hpp"
#include "lm/model_spec.hpp"
#include "lm/weights.hpp"

namespace evoke::lm {

/// One packed forward.
struct ForwardInput {
    std::vector<TokenId> ids;           ///< [rows]
    std::vector<Span> spans;            ///< cover the rows in order
    std::vector<std::int64_t> outputs;  ///< rows whose final state is wanted, ascending
    std::int64_t shape = 0;             ///< see Backend::begin
    /// Rows of the embedding to use instead of those of `ids`, [rows, embedded]; or undefined.
    at::Tensor embedded;
};

/// Runs what a ModelSpec describes.
class Transformer {
public:
    Transformer(ModelSpec spec, ModelWeights weights, std::unique_ptr<Backend> backend);

    /// Fills the spans' last states and returns what the head reads of the wanted rows,
    /// [outputs, embedded], as activations.
    [[nodiscard]] at::Tensor forward(const ForwardInput& input);

    /// One more row for each span, all of them wanted: `outputs` and `shape` are not looked at.
    /// Returns their final states, [spans, embedded], which hold until the next step.
    [[nodiscard]] at::Tensor step(ForwardInput input);

    [[nodiscard]] const ModelSpec& spec() const { return spec_; }
    [[nodiscard]] const ModelWeights& weights() const { return weights_; }
    [[nodiscard]] Backend& backend() { return *backend_; }

private:
    /// The residual stream between two layers.
    struct Stream {
        at::Tensor hidden;  ///< [rows, hidden] float32
        at::Tensor delta;   ///< what the part before adds to it, as activations; or undefined
        Rows rows = Rows::all;
    };

    [[nodiscard]] Stream embed(const ForwardInput& input, std::int64_t rows);
    /// False when nothing is left to compute. `last`: only the wanted rows leave the layer.
    bool run_layer(std::size_t number, const ForwardInput& input, Stream& stream, bool last);
    void feed(const LayerWeights& layer, const at::Tensor& attended, Stream& stream);
    [[nodiscard]] at::Tensor heads_normalised(const at::Tensor& x, const Norm& norm);
    [[nodiscard]] at::Tensor normalised(const at::Tensor& x, const Norm& norm);
    [[nodiscard]] at::Tensor feed_forward(const LayerWeights& layer, const at::Tensor& x,
                                          Rows rows);
    [[nodiscard]] at::Tensor finish(Stream& stream);

    ModelSpec spec_;
    ModelWeights weights_;
    std::unique_ptr<Backend> backend_;
};

}  // namespace evoke::lm
