#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include "lm/backend.hpp"
#include "lm/rotation_table.hpp"

namespace evoke::lm {

namespace {

/// By layer: [capacity, key_value_heads, head_dim] each, float32.
class AtenKvState final : public KvState {
public:
    AtenKvState(const ModelSpec& spec, at::Device device, std::int64_t first, std::int64_t capacity)
        : KvState{first, capacity},
          keys(static_cast<std::size_t>(spec.layers())),
          values(keys.size()),
          device_{device},
          heads_{spec.key_value_heads},
          head_dim_{spec.head_dim} {}

    [[nodiscard]] std::size_t bytes() const override {
        return 2 * keys.size() * sizeof(float) *
               static_cast<std::size_t>((end() - first()) * heads_ * head_dim_);
    }

    /// Rows that fill the state are kept as they are, so that gradients flow through them.
    void put(std::size_t layer, std::int64_t offset, const at::Tensor& key,
             const at::Tensor& value) {
        if (key.size(0) == end() - first()) {
            keys[layer] = key;
            values[layer] = value;
            return;
        }
        const auto place = [&](at::Tensor& all, const at::Tensor& some) {
            if (!all.defined())
                all = at::empty({end() - first(), heads_, head_dim_},
                                at::TensorOptions{}.dtype(at::kFloat).device(device_));
            all.narrow(0, offset, some.size(0)).copy_(some);
        };
        place(keys[layer], key);
        place(values[layer], value);
    }

    std::vector<at::Tensor> keys, values;

private:
    at::Device device_;
    std::int64_t heads_, head_dim_;
};

class AtenBackend final : public Backend {
public:
    AtenBackend(const ModelSpec& spec, at::ScalarType dtype, at::Device device)
        : spec_{spec}, dtype_{dtype}, device_{device}, rotations_{spec} {}

    std::shared_ptr<KvState> allocate(std::int64_t first, std::int64_t capacity) override {
        return std::make_shared<AtenKvState>(spec_, device_, first, capacity);
    }

    at::Tensor linear(const at::Tensor& x, const Linear& layer, Rows) override {
        const auto bias = layer.bias.defined() ? std::optional{layer.bias} : std::nullopt;
        return at::linear(x, layer.weight, bias);
    }

    at::Tensor logits(const at::Tensor& x, const Linear& head) override {
        // On the processor a product of bfloat16 would be rounded to bfloat16.
        at::Tensor y = head.weight.is_cpu()
                           ? at::linear(x.to(at::kFloat), head.weight.to(at::kFloat))
                           : at::linear(x, head.weight).to(at::kFloat);
        if (head.bias.defined()) y = y + head.bias.to(at::kFloat);
        return soft_capped(y, spec_.final_soft_cap);
    }

    at::Tensor add_norm(at::Tensor& hidden, const at::Tensor& delta, const Norm& norm) override {
        if (delta.defined()) hidden = hidden + delta.to(at::kFloat);
        if (!norm.weight.defined()) return hidden.to(dtype_);
        at::Tensor x = hidden;
        if (spec_.norm == NormKind::layer) x = x - x.mean({-1}, true);
        const at::Tensor mean = x.square().mean({-1}, true);
        x = x * at::rsqrt(mean + spec_.norm_epsilon) * norm.weight;
        if (norm.bias.defined()) x = x + norm.bias;
        return x.to(dtype_);
    }

    at::Tensor activate(Activation activation, const at::Tensor& gate,
                        const at::Tensor& up) override {
        at::Tensor y = activated(activation, gate.to(at::kFloat));
        if (up.defined()) y = y * up.to(at::kFloat);
        return y.to(dtype_);
    }

    void store(std::int64_t layer, const at::Tensor& keys, const at::Tensor& values,
               const std::vector<Span>& spans) override {
        for (const Span& span : spans) {
            auto& state = static_cast<AtenKvState&>(*span.states.back());
            const auto rows = [&](const at::Tensor& all) {
                return heads_of(all.narrow(0, span.first_row, span.count), spec_.key_value_heads);
            };
            state.put(static_cast<std::size_t>(layer), span.position - state.first(),
                      rotate(layer, rows(keys), span.position, span.long_text), rows(values));
        }
    }

    at::Tensor attend(std::int64_t layer, const at::Tensor& queries,
                      const std::vector<QueryRun>& runs, const std::vector<Span>& spans) override {
        std::vector<at::Tensor> results;
        for (const QueryRun& run : runs) {
            const Span& span = spans[run.span];
            const at::Tensor rows = queries.narrow(0, run.first_row, run.count);
            const at::Tensor query =
                rotate(layer, heads_of(rows, spec_.heads), run.position, span.long_text);
            results.push_back(attend_run(layer, query * scales(run), run, span).flatten(1));
        }
        return at::cat(results).to(dtype_);
    }

    std::vector<LogitSummary> summarise(const at::Tensor& logits) override {
        const at::Tensor maximum = std::get<0>(logits.max(1, true));
        const at::Tensor sum = (logits - maximum).exp().sum(1).to(at::kDouble).cpu();
        const at::Tensor place = at::argmax(logits, 1).cpu();
        const at::Tensor top = maximum.cpu();
        std::vector<LogitSummary> summaries;
        for (std::int64_t row = 0; row < logits.size(0); ++row)
            summaries.push_back(
                {top[row].item<float>(), place[row].item<std::int64_t>(), sum[row].item<double>()});
        return summaries;
    }

    std::string numerics() const override { return "reference-1"; }

private:
    static at::Tensor heads_of(const at::Tensor& rows, std::int64_t heads) {
        return rows.to(at::kFloat).view({rows.size(0), heads, -1});
    }

    static at::Tensor soft_capped(const at::Tensor& x, double cap) {
        return cap == 0.0 ? x : at::tanh(x / cap) * cap;
    }

    static at::Tensor activated(Activation activation, const at::Tensor& x) {
        switch (activation) {
            case Activation::silu:
                return at::silu(x);
            case Activation::gelu:
                return at::gelu(x);
            case Activation::gelu_tanh:
                return at::gelu(x, "tanh");
            case Activation::relu:
                break;
        }
        return at::relu(x);
    }

    struct Turns {
        at::Tensor cosines, sines;  ///< [count, 1, pairs]
    };

    /// Copies: the table may grow while other threads still turn with what they were given.
    Turns turns(RotationTable& table, std::int64_t position, std::int64_t count) {
        const std::scoped_lock lock{growing_};
        table.reach(position + count);
        const auto copy = [&](const float* data) {
            const auto host = at::from_blob(const_cast<float*>(data), {count, 1, table.pairs()},
                                            at::TensorOptions{}.dtype(at::kFloat));
            return host.to(device_, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
        };
        return {copy(table.cosines(position)), copy(table.sines(position))};
    }

    const LayerSpec& layer_spec(std::int64_t layer) const {
        return spec_.layer_specs[static_cast<std::size_t>(layer)];
    }

    /// x: [count, heads, head_dim] float32.
    at::Tensor rotate(std::int64_t layer, const at::Tensor& x, std::int64_t position,
                      bool long_text) {
        RotationTable& table = rotations_.of(layer_spec(layer), long_text);
        const std::int64_t pairs = table.pairs();
        if (pairs == 0) return x;
        const auto [cosine, sine] = turns(table, position, x.size(0));
        const at::Tensor low = x.narrow(2, 0, pairs);
        const at::Tensor high = x.narrow(2, pairs, pairs);
        const at::Tensor rest = x.narrow(2, 2 * pairs, x.size(2) - 2 * pairs);
        return at::cat({low * cosine - high * sine, high * cosine + low * sine, rest}, 2);
    }

    /// What the run's queries are multiplied with, [count, 1, 1].
    at::Tensor scales(const QueryRun& run) const {
        std::vector<float> values;
        for (std::int64_t i = 0; i < run.count; ++i)
            values.push_back(query_scale(spec_, run.position + i));
        return at::tensor(values, at::kFloat).view({-1, 1, 1}).to(device_);
    }

    at::Tensor attend_run(std::int64_t layer, const at::Tensor& query, const QueryRun& run,
                          const Span& span) const {
        const Reach& reach = layer_spec(layer).reach;
        const std::int64_t seen =
            std::min(span.states.back()->end(), run.position + run.count + reach.ahead);
        std::vector<at::Tensor> keys;
        std::vector<at::Tensor> values;
        for (const KvState* state : span.states) {
            const auto& from = static_cast<const AtenKvState&>(*state);
            const std::int64_t count = std::min(from.end(), seen) - from.first();
            if (count <= 0) break;
            const auto number = static_cast<std::size_t>(layer);
            keys.push_back(from.keys[number].narrow(0, 0, count));
            values.push_back(from.values[number].narrow(0, 0, count));
        }
        const auto joined = [&](const std::vector<at::Tensor>& parts) {  // [heads, seen, head_dim]
            return at::cat(parts).transpose(0, 1).repeat_interleave(
                spec_.heads / spec_.key_value_heads, 0);
        };
        const at::Tensor scores =
            soft_capped(at::matmul(query.transpose(0, 1), joined(keys).transpose(1, 2)),
                        spec_.attention_soft_cap);
        const auto options = at::TensorOptions{}.dtype(at::kLong).device(device_);
        const at::Tensor distance =
            at::arange(seen, options).unsqueeze(0) -
            at::arange(run.position, run.position + run.count, options).unsqueeze(1);
        const at::Tensor hidden = (distance > reach.ahead).logical_or(distance < -reach.back);
        const at::Tensor weights =
            at::softmax(scores.masked_fill(hidden, -std::numeric_limits<double>::infinity()), -1);
        return at::matmul(weights, joined(values)).transpose(0, 1);
    }

    ModelSpec spec_;
    at::ScalarType dtype_;
    at::Device device_;
    Rotations rotations_;
    std::mutex growing_;
};

}  // namespace

std::unique_ptr<Backend> make_aten_backend(const ModelSpec& spec, at::ScalarType dtype,
                                           at::Device device) {
    return std::make_unique<AtenBackend>(spec, dtype, device);
}

}  // namespace evoke::lm
