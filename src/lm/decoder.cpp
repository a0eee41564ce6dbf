#include "lm/decoder.hpp"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <utility>

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

class WeightLoader {
public:
    WeightLoader(const Checkpoint& checkpoint, at::ScalarType dtype, at::Device device)
        : checkpoint_{checkpoint}, dtype_{dtype}, device_{device} {}

    [[nodiscard]] at::Tensor matrix(const std::string& name) const { return tensor(name, dtype_); }
    [[nodiscard]] at::Tensor norm(const std::string& name) const {
        return tensor(name + ".weight", at::kFloat);
    }
    [[nodiscard]] Linear linear(const std::string& name, bool bias) const {
        Linear loaded{.weight = matrix(name + ".weight"), .bias = {}};
        if (bias) loaded.bias = matrix(name + ".bias");
        return loaded;
    }

private:
    [[nodiscard]] at::Tensor tensor(const std::string& name, at::ScalarType dtype) const {
        const StoredTensor& stored = checkpoint_.tensor(name);
        // The mapping is read-only and nothing writes to weights.
        auto* data = const_cast<std::byte*>(stored.bytes.data());
        const at::Tensor mapped =
            at::from_blob(data, stored.shape, at::TensorOptions{}.dtype(scalar_type(stored.type)));
        return mapped.to(device_, dtype);
    }

    const Checkpoint& checkpoint_;
    at::ScalarType dtype_;
    at::Device device_;
};

/// One run per span, over all rows.
std::vector<QueryRun> all_rows(const std::vector<Span>& spans) {
    std::vector<QueryRun> runs;
    for (std::size_t i = 0; i < spans.size(); ++i)
        runs.push_back({i, spans[i].first_row, spans[i].count, spans[i].position});
    return runs;
}

/// The wanted rows, packed: neighbours of one span share a run.
std::vector<QueryRun> wanted_rows(const std::vector<Span>& spans,
                                  const std::vector<std::int64_t>& outputs) {
    std::vector<QueryRun> runs;
    std::size_t span = 0;
    std::int64_t row = 0;
    for (const std::int64_t output : outputs) {
        while (output >= spans[span].first_row + spans[span].count) ++span;
        const std::int64_t position = spans[span].position + output - spans[span].first_row;
        const bool continues = !runs.empty() && runs.back().span == span &&
                               runs.back().position + runs.back().count == position;
        if (continues) {
            ++runs.back().count;
        } else {
            runs.push_back({span, row, 1, position});
        }
        ++row;
    }
    return runs;
}

}  // namespace

DecoderWeights load_weights(const DecoderSpec& spec, std::shared_ptr<const Checkpoint> checkpoint,
                            at::ScalarType dtype, at::Device device) {
    const WeightLoader load{*checkpoint, dtype, device};
    DecoderWeights weights;
    weights.embedding = load.matrix(embedding_tensor(spec, *checkpoint));
    weights.head = spec.tied_head ? weights.embedding : load.matrix(head_tensor(spec, *checkpoint));
    weights.final_norm = load.norm(spec.names.final_norm);
    const LayerNames& names = spec.names.in_layer;
    for (std::int64_t i = 0; i < spec.layers; ++i) {
        const auto full = [&](const std::string& name) { return layer_tensor(spec, i, name); };
        weights.layers.push_back(
            {.attention_norm = load.norm(full(names.attention_norm)),
             .query = load.linear(full(names.query), spec.query_key_value_bias),
             .key = load.linear(full(names.key), spec.query_key_value_bias),
             .value = load.linear(full(names.value), spec.query_key_value_bias),
             .attention_output =
                 load.linear(full(names.attention_output), spec.attention_output_bias),
             .mlp_norm = load.norm(full(names.mlp_norm)),
             .gate = load.linear(full(names.gate), spec.mlp_bias),
             .up = load.linear(full(names.up), spec.mlp_bias),
             .down = load.linear(full(names.down), spec.mlp_bias)});
    }
    weights.checkpoint = std::move(checkpoint);
    return weights;
}

Decoder::Decoder(DecoderSpec spec, DecoderWeights weights, std::unique_ptr<Backend> backend)
    : spec_{std::move(spec)}, weights_{std::move(weights)}, backend_{std::move(backend)} {}

at::Tensor Decoder::embed(const std::vector<TokenId>& ids) const {
    const at::Tensor rows = at::tensor(ids, at::kInt).to(weights_.embedding.device());
    return weights_.embedding.index_select(0, rows).to(at::kFloat);
}

at::Tensor Decoder::feed_forward(const LayerWeights& layer, const at::Tensor& x) const {
    return backend_->linear(
        backend_->gate(backend_->linear(x, layer.gate), backend_->linear(x, layer.up)), layer.down);
}

// Each layer writes the keys and values of all rows before any row attends, so a node and what
// hangs below it may share a forward. The last layer computes only what the wanted rows need.
at::Tensor Decoder::forward(const ForwardInput& input) {
    at::Tensor hidden = embed(input.ids);  // [rows, hidden]
    at::Tensor delta;                      // what the part before adds to it
    const std::vector<QueryRun> every_row = all_rows(input.spans);
    const auto last = static_cast<std::size_t>(spec_.layers) - 1;
    for (std::size_t i = 0; i < last; ++i) {
        const LayerWeights& layer = weights_.layers[i];
        const auto number = static_cast<std::int64_t>(i);
        const at::Tensor x = backend_->add_norm(hidden, delta, layer.attention_norm);
        backend_->store(number, backend_->linear(x, layer.key), backend_->linear(x, layer.value),
                        input.spans);
        const at::Tensor attended =
            backend_->attend(number, backend_->linear(x, layer.query), every_row, input.spans);
        delta = backend_->linear(attended, layer.attention_output);
        delta = feed_forward(layer, backend_->add_norm(hidden, delta, layer.mlp_norm));
    }

    const LayerWeights& layer = weights_.layers[last];
    const auto number = static_cast<std::int64_t>(last);
    const at::Tensor all = backend_->add_norm(hidden, delta, layer.attention_norm);
    backend_->store(number, backend_->linear(all, layer.key), backend_->linear(all, layer.value),
                    input.spans);
    if (input.outputs.empty()) return all.narrow(0, 0, 0);
    const at::Tensor rows = at::tensor(input.outputs, at::kLong).to(hidden.device());
    hidden = hidden.index_select(0, rows);
    const at::Tensor x = all.index_select(0, rows);
    const at::Tensor attended =
        backend_->attend(number, backend_->linear(x, layer.query),
                         wanted_rows(input.spans, input.outputs), input.spans);
    delta = backend_->linear(attended, layer.attention_output);
    delta = feed_forward(layer, backend_->add_norm(hidden, delta, layer.mlp_norm));
    return backend_->add_norm(hidden, delta, weights_.final_norm);
}

}  // namespace evoke::lm
