#include "lm/cuda/cuda_backend.hpp"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

#include "lm/cuda/attention_plan.hpp"
#include "lm/cuda/device_turns.hpp"
#include "lm/cuda/kv_arena.hpp"

namespace evoke::lm {

namespace {

using cuda::Attended;

/// Rows of a product of picked rows, and of a step of generation.
constexpr std::int64_t few_rows = 256;
constexpr std::int64_t logit_columns = 32768;

/// What all layers of a forward with the same reach share.
struct Plan {
    std::vector<QueryRun> runs;
    std::int64_t back = 0;
    at::Tensor places;  ///< [rows]
    at::Tensor growth;  ///< [rows], or undefined
    std::vector<cuda::PackedCall> calls;
};

bool same(const std::vector<QueryRun>& a, const std::vector<QueryRun>& b) {
    return std::ranges::equal(a, b, [](const QueryRun& x, const QueryRun& y) {
        return x.span == y.span && x.first_row == y.first_row && x.count == y.count;
    });
}

class CudaBackend final : public Backend {
public:
    CudaBackend(const ModelSpec& spec, at::ScalarType dtype, at::Device device, cuda::DeviceOps ops,
                const CudaBackendOptions& options)
        : spec_{spec},
          dtype_{dtype},
          device_{device},
          ops_{std::move(ops)},
          arena_{std::make_shared<cuda::KvArena>(spec, dtype, device, options.most_slots)},
          turns_{spec, device} {
        // Sums of products stay in float32 from end to end.
        if (device.is_cuda()) {
            at::globalContext().setAllowBF16ReductionCuBLAS(false);
            at::globalContext().setAllowFP16ReductionCuBLAS(false);
        }
    }

    std::shared_ptr<KvState> allocate(std::int64_t first, std::int64_t capacity) override {
        return arena_->allocate(first, capacity);
    }

    BackendTraits traits() const override {
        return {
            .cuts_show = true, .far = true, .step_rows = few_rows, .logit_columns = logit_columns};
    }

    void release() override { arena_->release(); }

    std::int64_t begin(const std::vector<Span>& spans, std::int64_t shape) override {
        plans_.clear();
        std::int64_t farthest = 0;
        for (const Span& span : spans) farthest = std::max(farthest, span.position + span.count);
        turns_.reach(farthest);
        std::vector<std::int64_t> slots;
        std::vector<std::int64_t> places;
        for (const Span& span : spans) {
            const auto& state = static_cast<const cuda::ArenaState&>(*span.states.back());
            for (std::int64_t i = 0; i < span.count; ++i) {
                slots.push_back(state.slot(span.position + i));
                places.push_back(turns_.place(span.position + i, span.long_text));
            }
        }
        const auto count = static_cast<std::int64_t>(slots.size());
        slots.insert(slots.end(), places.begin(), places.end());
        const at::Tensor both = at::tensor(slots, at::kLong).to(device_);
        slots_ = both.narrow(0, 0, count);
        places_ = both.narrow(0, count, count);
        return std::max(shape, count);
    }

    // The bits of a row of a product depend on the number of rows, which decides what kernel
    // computes it. A forward has a shape of its own; of picked rows there are `few_rows` at a time.
    at::Tensor linear(const at::Tensor& x, const Linear& layer, Rows rows) override {
        const auto bias = layer.bias.defined() ? std::optional{layer.bias} : std::nullopt;
        if (rows == Rows::all) return at::linear(x, layer.weight, bias);
        return few_at_a_time(
            x, [&](const at::Tensor& some) { return at::linear(some, layer.weight, bias); });
    }

    at::Tensor logits(const at::Tensor& x, const Linear& head) override {
        at::Tensor y = few_at_a_time(x, [&](const at::Tensor& some) {
            if (dtype_ == at::kFloat) return at::linear(some, head.weight);
            if (device_.is_cuda()) return at::mm(some, head.weight.t(), at::kFloat);
            return at::linear(some.to(at::kFloat), head.weight.to(at::kFloat));
        });
        if (head.bias.defined()) y = y + head.bias.to(at::kFloat);
        if (spec_.final_soft_cap == 0.0) return y;
        return at::tanh(y / spec_.final_soft_cap) * spec_.final_soft_cap;
    }

    at::Tensor add_norm(at::Tensor& hidden, const at::Tensor& delta, const Norm& norm) override {
        return ops_.add_norm(hidden, delta, norm,
                             {.kind = spec_.norm, .epsilon = spec_.norm_epsilon}, dtype_);
    }

    at::Tensor activate(Activation activation, const at::Tensor& gate,
                        const at::Tensor& up) override {
        return ops_.activate(activation, gate, up);
    }

    void store(std::int64_t layer, const at::Tensor& keys, const at::Tensor& values,
               const std::vector<Span>&) override {
        ops_.store({.keys = heads_of(keys, spec_.key_value_heads),
                    .values = heads_of(values, spec_.key_value_heads),
                    .places = places_,
                    .slots = slots_,
                    .key_store = arena_->keys(layer),
                    .value_store = arena_->values(layer)},
                   turns_.of(layer_spec(layer)));
    }

    at::Tensor attend(std::int64_t layer, const at::Tensor& queries,
                      const std::vector<QueryRun>& runs, const std::vector<Span>& spans) override {
        const Plan& plan = plan_for(layer, queries.size(0), runs, spans);
        const at::Tensor turned = ops_.rotate(
            heads_of(queries, spec_.heads), turns_.of(layer_spec(layer)), plan.places, plan.growth);
        const cuda::AttentionShape shape{.scale = spec_.attention_scale,
                                         .soft_cap = spec_.attention_soft_cap};
        std::vector<Attended> parts;
        for (const cuda::PackedCall& call : plan.calls) {
            at::Tensor keys = arena_->keys(layer);
            at::Tensor values = arena_->values(layer);
            if (call.gathered.defined()) {
                keys = keys.index_select(0, call.gathered);
                values = values.index_select(0, call.gathered);
            }
            parts.push_back(ops_.attend(turned, keys, values, call, shape));
        }
        return merged(std::move(parts)).reshape(queries.sizes());
    }

    std::vector<LogitSummary> summarise(const at::Tensor& logits) override {
        const cuda::RowSummaries rows = ops_.summarise(logits);
        // Together, since each copy from a device waits for it. A place is exact as a double.
        const at::Tensor all =
            at::stack({rows.maximum.to(at::kDouble), rows.place.to(at::kDouble), rows.sum}).cpu();
        const double* data = all.const_data_ptr<double>();
        const auto count = static_cast<std::size_t>(logits.size(0));
        std::vector<LogitSummary> summaries(count);
        for (std::size_t i = 0; i < count; ++i)
            summaries[i] = {static_cast<float>(data[i]), static_cast<std::int64_t>(data[count + i]),
                            data[2 * count + i]};
        return summaries;
    }

    std::string numerics() const override { return "packed-1 " + ops_.name; }

private:
    [[nodiscard]] const LayerSpec& layer_spec(std::int64_t layer) const {
        return spec_.layer_specs[static_cast<std::size_t>(layer)];
    }

    /// [rows, heads * head_dim] to [rows, heads, head_dim].
    [[nodiscard]] at::Tensor heads_of(const at::Tensor& x, std::int64_t heads) const {
        return x.contiguous().view({x.size(0), heads, spec_.head_dim});
    }

    template <class Product>
    static at::Tensor few_at_a_time(const at::Tensor& x, const Product& product) {
        const std::int64_t rows = x.size(0);
        const std::int64_t surplus = (few_rows - rows % few_rows) % few_rows;
        const at::Tensor padded = surplus == 0 ? x : at::constant_pad_nd(x, {0, 0, 0, surplus});
        std::vector<at::Tensor> results;
        for (std::int64_t row = 0; row < padded.size(0); row += few_rows)
            results.push_back(product(padded.narrow(0, row, few_rows)));
        const at::Tensor all = results.size() == 1 ? results.front() : at::cat(results);
        return all.narrow(0, 0, rows);
    }

    const Plan& plan_for(std::int64_t layer, std::int64_t rows, const std::vector<QueryRun>& runs,
                         const std::vector<Span>& spans) {
        const std::int64_t back = layer_spec(layer).reach.back;
        for (const Plan& plan : plans_)
            if (plan.back == back && plan.places.size(0) == rows && same(plan.runs, runs))
                return plan;
        plans_.push_back({.runs = runs,
                          .back = back,
                          .places = {},
                          .growth = {},
                          .calls = cuda::plan_attention(runs, spans, rows, back, device_)});
        add_positions(plans_.back(), rows, spans);
        return plans_.back();
    }

    void add_positions(Plan& plan, std::int64_t rows, const std::vector<Span>& spans) const {
        std::vector<std::int64_t> places;
        std::vector<float> growth;
        for (const QueryRun& run : plan.runs) {
            for (std::int64_t i = 0; i < run.count; ++i) {
                places.push_back(turns_.place(run.position + i, spans[run.span].long_text));
                growth.push_back(query_scale(spec_, run.position + i) /
                                 static_cast<float>(spec_.attention_scale));
            }
        }
        places.resize(static_cast<std::size_t>(rows));
        plan.places = at::tensor(places, at::kLong).to(device_);
        if (spec_.query_growth.beta == 0.0) return;
        growth.resize(static_cast<std::size_t>(rows));
        plan.growth = at::tensor(growth, at::kFloat).to(device_);
    }

    /// In the order of the parts, `most_parts` at a time.
    at::Tensor merged(std::vector<Attended> parts) const {
        while (parts.size() > 1) {
            const std::size_t count = std::min(parts.size(), cuda::most_parts);
            const Attended first = ops_.merge(std::span{parts}.first(count));
            parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(count) - 1);
            parts.front() = first;
        }
        return parts.front().out;
    }

    ModelSpec spec_;
    at::ScalarType dtype_;
    at::Device device_;
    cuda::DeviceOps ops_;
    std::shared_ptr<cuda::KvArena> arena_;
    cuda::DeviceTurns turns_;
    at::Tensor slots_, places_;  ///< of this forward's rows
    std::list<Plan> plans_;      ///< of this forward
};

}  // namespace

bool runs_packed(const ModelSpec& spec) {
    return !spec.masked && std::ranges::all_of(spec.layer_specs, [](const LayerSpec& layer) {
        return layer.reach.ahead == 0;
    });
}

std::unique_ptr<Backend> make_cuda_backend(const ModelSpec& spec, at::ScalarType dtype,
                                           at::Device device, cuda::DeviceOps ops,
                                           const CudaBackendOptions& options) {
    return std::make_unique<CudaBackend>(spec, dtype, device, std::move(ops), options);
}

}  // namespace evoke::lm
