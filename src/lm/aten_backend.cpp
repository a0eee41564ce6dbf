#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "lm/backend.hpp"
#include "lm/rotation_table.hpp"

namespace evoke::lm {

namespace {

/// [layers, capacity, key_value_heads, head_dim] each, float32.
class AtenKvState final : public KvState {
public:
    AtenKvState(const DecoderSpec& spec, at::Device device, std::int64_t first,
                std::int64_t capacity)
        : KvState{first, capacity} {
        const auto options = at::TensorOptions{}.dtype(at::kFloat).device(device);
        keys = at::empty({spec.layers, capacity, spec.key_value_heads, spec.head_dim}, options);
        values = at::empty_like(keys);
    }
    [[nodiscard]] std::size_t bytes() const override { return keys.nbytes() + values.nbytes(); }

    at::Tensor keys, values;
};

class AtenBackend final : public Backend {
public:
    AtenBackend(const DecoderSpec& spec, at::ScalarType dtype, at::Device device)
        : spec_{spec}, dtype_{dtype}, device_{device}, rotation_{spec.inverse_frequencies} {}

    std::shared_ptr<KvState> allocate(std::int64_t first, std::int64_t capacity) override {
        return std::make_shared<AtenKvState>(spec_, device_, first, capacity);
    }

    at::Tensor linear(const at::Tensor& x, const Linear& layer) override {
        const auto bias = layer.bias.defined() ? std::optional{layer.bias} : std::nullopt;
        return at::linear(x, layer.weight, bias);
    }

    at::Tensor logits(const at::Tensor& x, const at::Tensor& weight) override {
        // On the processor a product of bfloat16 would be rounded to bfloat16.
        if (weight.is_cpu()) return at::linear(x.to(at::kFloat), weight.to(at::kFloat));
        return at::linear(x, weight).to(at::kFloat);
    }

    at::Tensor add_norm(at::Tensor& hidden, const at::Tensor& delta,
                        const at::Tensor& weight) override {
        if (delta.defined()) hidden = hidden + delta.to(at::kFloat);
        const at::Tensor mean = hidden.square().mean({-1}, true);
        return (hidden * at::rsqrt(mean + spec_.norm_epsilon) * weight).to(dtype_);
    }

    at::Tensor gate(const at::Tensor& gate, const at::Tensor& up) override {
        return (at::silu(gate.to(at::kFloat)) * up.to(at::kFloat)).to(dtype_);
    }

    void store(std::int64_t layer, const at::Tensor& keys, const at::Tensor& values,
               const std::vector<Span>& spans) override {
        for (const Span& span : spans) {
            const auto& state = static_cast<const AtenKvState&>(*span.states.back());
            const std::int64_t offset = span.position - state.first();
            const auto place = [&](const at::Tensor& all) {
                return all.select(0, layer).narrow(0, offset, span.count);
            };
            const auto rows = [&](const at::Tensor& all) {
                return heads_of(all.narrow(0, span.first_row, span.count), spec_.key_value_heads);
            };
            place(state.keys).copy_(rotate(rows(keys), span.position));
            place(state.values).copy_(rows(values));
        }
    }

    at::Tensor attend(std::int64_t layer, const at::Tensor& queries,
                      const std::vector<QueryRun>& runs, const std::vector<Span>& spans) override {
        at::Tensor out = at::empty_like(queries);
        for (const QueryRun& run : runs) {
            const at::Tensor rows = queries.narrow(0, run.first_row, run.count);
            const at::Tensor query = rotate(heads_of(rows, spec_.heads), run.position);
            const at::Tensor result = attend_run(layer, query, run, spans[run.span]);
            out.narrow(0, run.first_row, run.count).copy_(result.flatten(1));
        }
        return out;
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

    /// Cosines or sines of `count` positions, [count, 1, pairs].
    at::Tensor angles(const float* data, std::int64_t count) const {
        const auto host = at::from_blob(const_cast<float*>(data), {count, 1, rotation_.pairs()},
                                        at::TensorOptions{}.dtype(at::kFloat));
        return host.to(device_);
    }

    /// x: [count, heads, head_dim] float32.
    at::Tensor rotate(const at::Tensor& x, std::int64_t position) {
        const std::int64_t count = x.size(0);
        const std::int64_t pairs = rotation_.pairs();
        rotation_.reach(position + count);
        const at::Tensor cosine = angles(rotation_.cosines(position), count);
        const at::Tensor sine = angles(rotation_.sines(position), count);
        const at::Tensor low = x.narrow(2, 0, pairs);
        const at::Tensor high = x.narrow(2, pairs, pairs);
        const at::Tensor rest = x.narrow(2, 2 * pairs, x.size(2) - 2 * pairs);
        return at::cat({low * cosine - high * sine, high * cosine + low * sine, rest}, 2);
    }

    at::Tensor attend_run(std::int64_t layer, const at::Tensor& query, const QueryRun& run,
                          const Span& span) const {
        const std::int64_t seen = run.position + run.count;
        std::vector<at::Tensor> keys;
        std::vector<at::Tensor> values;
        for (const KvState* state : span.states) {
            const auto& from = static_cast<const AtenKvState&>(*state);
            const std::int64_t count = std::min(from.end(), seen) - from.first();
            keys.push_back(from.keys.select(0, layer).narrow(0, 0, count));
            values.push_back(from.values.select(0, layer).narrow(0, 0, count));
        }
        const auto joined = [&](const std::vector<at::Tensor>& parts) {  // [heads, seen, head_dim]
            return at::cat(parts).transpose(0, 1).repeat_interleave(
                spec_.heads / spec_.key_value_heads, 0);
        };
        const double scale = 1.0 / std::sqrt(static_cast<double>(spec_.head_dim));
        const at::Tensor scores =
            at::matmul(query.transpose(0, 1) * scale, joined(keys).transpose(1, 2));
        const auto options = at::TensorOptions{}.dtype(at::kLong).device(device_);
        const at::Tensor later = at::arange(seen, options).unsqueeze(0) >
                                 at::arange(run.position, seen, options).unsqueeze(1);
        const at::Tensor weights =
            at::softmax(scores.masked_fill(later, -std::numeric_limits<double>::infinity()), -1);
        return at::matmul(weights, joined(values)).transpose(0, 1).to(dtype_);
    }

    DecoderSpec spec_;
    at::ScalarType dtype_;
    at::Device device_;
    RotationTable rotation_;
};

}  // namespace

std::unique_ptr<Backend> make_aten_backend(const DecoderSpec& spec, at::ScalarType dtype,
                                           at::Device device) {
    return std::make_unique<AtenBackend>(spec, dtype, device);
}

}  // namespace evoke::lm
