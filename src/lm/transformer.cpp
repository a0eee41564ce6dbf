#include "lm/transformer.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <array>
#include <memory>
#include <span>
#include <utility>

#include "lm/experts.hpp"

namespace evoke::lm {

namespace {

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

/// [rows]; rows behind the spans have position 0.
at::Tensor positions_of(const std::vector<Span>& spans, std::int64_t rows) {
    std::vector<std::int64_t> positions;
    for (const Span& span : spans)
        for (std::int64_t i = 0; i < span.count; ++i) positions.push_back(span.position + i);
    positions.resize(static_cast<std::size_t>(rows));
    return at::tensor(positions, at::kLong);
}

}  // namespace

Transformer::Transformer(ModelSpec spec, ModelWeights weights, std::unique_ptr<Backend> backend)
    : spec_{std::move(spec)}, weights_{std::move(weights)}, backend_{std::move(backend)} {}

Transformer::Stream Transformer::embed(const ForwardInput& input, std::int64_t count) {
    const at::Tensor& table = weights_.embedding;
    at::Tensor rows = input.embedded;
    if (!rows.defined()) {
        std::vector<TokenId> ids = input.ids;
        ids.resize(static_cast<std::size_t>(count));
        rows = table.index_select(0, at::tensor(ids, at::kInt).to(table.device()));
    }
    if (weights_.project_in.weight.defined())
        rows = backend_->linear(rows, weights_.project_in, Rows::all);
    Stream stream{.hidden = rows.to(at::kFloat), .delta = {}};
    if (spec_.embedding_scale != 1.0)
        stream.hidden = stream.hidden * at::tensor(spec_.embedding_scale, at::kDouble)
                                            .to(table.scalar_type())
                                            .to(at::kFloat)
                                            .item<float>();
    if (weights_.positions.defined())
        stream.hidden = stream.hidden + weights_.positions.index_select(
                                            0, positions_of(input.spans, count).to(table.device()));
    if (weights_.embedding_norm.weight.defined())
        stream.hidden =
            backend_->add_norm(stream.hidden, {}, weights_.embedding_norm).to(at::kFloat);
    return stream;
}

at::Tensor Transformer::normalised(const at::Tensor& x, const Norm& norm) {
    if (!norm.weight.defined()) return x;
    at::Tensor stream = x.to(at::kFloat);
    return backend_->add_norm(stream, {}, norm);
}

/// Of queries or keys [rows, heads * head_dim]; a norm spans a head, or all of them.
at::Tensor Transformer::heads_normalised(const at::Tensor& x, const Norm& norm) {
    if (!norm.weight.defined()) return x;
    return normalised(x.view({-1, norm.weight.size(0)}), norm).view(x.sizes());
}

at::Tensor Transformer::feed_forward(const LayerWeights& layer, const at::Tensor& x, Rows rows) {
    if (!layer.experts.empty())
        return run_experts(*backend_, spec_.experts, spec_.activation, layer, x, rows);
    at::Tensor active;
    if (layer.gate.weight.defined()) {
        const auto both = backend_->linears(x, std::array{&layer.gate, &layer.up}, rows);
        active = backend_->activate(spec_.activation, both[0], both[1]);
    } else {
        active = backend_->activate(spec_.activation, backend_->linear(x, layer.up, rows), {});
    }
    return backend_->linear(active, layer.down, rows);
}

// Each layer writes the keys and values of all rows before any row attends, so a node and what
// hangs below it may share a forward. The last layer computes only what the wanted rows need.
bool Transformer::run_layer(std::size_t number, const ForwardInput& input, Stream& stream,
                            bool last) {
    const LayerWeights& layer = weights_.layers[number];
    const auto place = static_cast<std::int64_t>(number);
    at::Tensor x = backend_->add_norm(stream.hidden, stream.delta, layer.attention_norm);
    stream.delta.reset();
    const std::array<const Linear*, 3> layers{&layer.key, &layer.value, &layer.query};
    const auto now = std::span{layers}.first(last ? 2 : 3);
    const std::vector<at::Tensor> parts = backend_->linears(x, now, Rows::all);
    backend_->store(place, heads_normalised(parts[0], layer.key_norm), parts[1], input.spans);
    if (last && input.outputs.empty()) return false;
    if (last) {
        const at::Tensor rows = at::tensor(input.outputs, at::kLong).to(x.device());
        stream.hidden = stream.hidden.index_select(0, rows);
        x = x.index_select(0, rows);
        stream.rows = Rows::some;
    }
    const at::Tensor queries = last ? backend_->linear(x, layer.query, stream.rows) : parts[2];
    const auto runs = last ? wanted_rows(input.spans, input.outputs) : all_rows(input.spans);
    const at::Tensor attended =
        backend_->attend(place, heads_normalised(queries, layer.query_norm), runs, input.spans);
    feed(layer, attended, stream);
    return true;
}

void Transformer::feed(const LayerWeights& layer, const at::Tensor& attended, Stream& stream) {
    const at::Tensor delta = normalised(
        backend_->linear(attended, layer.attention_output, stream.rows), layer.attention_post_norm);
    at::Tensor x;
    if (spec_.parallel) {
        x = backend_->add_norm(stream.hidden, {}, layer.mlp_norm);
        stream.hidden = stream.hidden + delta.to(at::kFloat);
    } else if (layer.attention_sum_norm.weight.defined()) {
        x = backend_->add_norm(stream.hidden, delta, layer.attention_sum_norm);
        stream.hidden = x.to(at::kFloat);
    } else {
        x = backend_->add_norm(stream.hidden, delta, layer.mlp_norm);
    }
    stream.delta = normalised(feed_forward(layer, x, stream.rows), layer.mlp_post_norm);
    if (layer.mlp_sum_norm.weight.defined()) {
        stream.hidden =
            backend_->add_norm(stream.hidden, stream.delta, layer.mlp_sum_norm).to(at::kFloat);
        stream.delta.reset();
    }
}

at::Tensor Transformer::finish(Stream& stream) {
    at::Tensor x = backend_->add_norm(stream.hidden, stream.delta, weights_.final_norm);
    if (weights_.project_out.weight.defined())
        x = backend_->linear(x, weights_.project_out, stream.rows);
    if (weights_.transform.weight.defined())
        x = normalised(backend_->activate(spec_.activation,
                                          backend_->linear(x, weights_.transform, stream.rows), {}),
                       weights_.transform_norm);
    return x;
}

at::Tensor Transformer::forward(const ForwardInput& input) {
    Stream stream = embed(input, backend_->begin(input.spans, input.shape));
    const std::size_t layers = weights_.layers.size();
    for (std::size_t i = 0; i < layers; ++i)
        if (!run_layer(i, input, stream, i + 1 == layers))
            return weights_.head.weight.narrow(0, 0, 0);
    return finish(stream);
}

// A backend that keeps the work of a step may run it after the step itself: it owns its input.
at::Tensor Transformer::step(ForwardInput input) {
    const auto count = static_cast<std::int64_t>(input.spans.size());
    const at::Tensor hidden = embed(input, backend_->begin_step(input.spans)).hidden;
    const auto kept = std::make_shared<const ForwardInput>(std::move(input));
    const auto layers = [this, kept](at::Tensor rows) {
        Stream stream{.hidden = std::move(rows), .delta = {}};
        for (std::size_t i = 0; i < weights_.layers.size(); ++i) run_layer(i, *kept, stream, false);
        return finish(stream);
    };
    return backend_->step(hidden, layers).narrow(0, 0, count);
}

}  // namespace evoke::lm
