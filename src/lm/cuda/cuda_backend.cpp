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
#include <c10/util/ScopeExit.h>

#include <algorithm>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "lm/cuda/attention_plan.hpp"
#include "lm/cuda/device_turns.hpp"
#include "lm/cuda/fixed_tensors.hpp"
#include "lm/cuda/kv_arena.hpp"
#include "lm/cuda/plan.hpp"
#include "lm/cuda/recorded_steps.hpp"

namespace evoke::lm {

namespace {

using cuda::Attended;
using cuda::Plan;
using cuda::Step;

/// Rows of a product of picked rows, and of a step of generation.
constexpr std::int64_t few_rows = 256;
constexpr std::int64_t logit_columns = 32768;

/// Of FixedTensors; the plans' follow, `places_of_a_plan` for each.
enum FixedPlace : std::size_t { hidden_place, slots_place, places_place, growth_place, first_plan };
constexpr std::size_t places_of_a_plan = 2;

bool same(const std::vector<QueryRun>& a, const std::vector<QueryRun>& b) {
    return std::ranges::equal(a, b, [](const QueryRun& x, const QueryRun& y) {
        return x.span == y.span && x.first_row == y.first_row && x.count == y.count;
    });
}

class CudaBackend final : public Backend {
public:
    CudaBackend(const ModelSpec& spec, at::ScalarType dtype, at::Device device, cuda::DeviceOps ops,
                CudaBackendOptions options)
        : spec_{spec},
          dtype_{dtype},
          device_{device},
          ops_{std::move(ops)},
          arena_{std::make_shared<cuda::KvArena>(spec, dtype, device, options.most_slots)},
          turns_{spec, device},
          fixed_{device},
          // Which expert a row goes to is decided on the processor.
          steps_{ops_.repeatable && spec.experts.count == 0 ? std::move(options.recorder)
                                                            : nullptr} {
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

    void release() override {
        steps_.clear();
        fixed_.clear();
        next_ = {};
        spare_.reset();
        arena_->release();
    }

    std::int64_t begin(const std::vector<Span>& spans, std::int64_t shape) override {
        plans_.clear();
        auto [slots, places] = targets_of(spans);
        const auto count = static_cast<std::int64_t>(slots.size());
        slots.insert(slots.end(), places.begin(), places.end());
        const at::Tensor both = at::tensor(slots, at::kLong).to(device_);
        slots_ = both.narrow(0, 0, count);
        places_ = both.narrow(0, count, count);
        return std::max(shape, count);
    }

    // Whatever the texts, a step is few_rows rows: the surplus ones see nothing and store in a slot
    // that nobody reads.
    std::int64_t begin_step(const std::vector<Span>& spans) override {
        if (!spare_) spare_ = arena_->allocate(0, 1);
        auto [slots, places] = targets_of(spans);
        slots.resize(few_rows, static_cast<const cuda::ArenaState&>(*spare_).slot(0));
        places.resize(few_rows);
        next_ = {.hidden = {},
                 .slots = fixed_.put(slots_place, at::tensor(slots, at::kLong)),
                 .places = fixed_.put(places_place, at::tensor(places, at::kLong)),
                 .plans = {},
                 .turns = {},
                 .keys = {},
                 .values = {}};
        plan_step(spans);
        return few_rows;
    }

    at::Tensor step(const at::Tensor& hidden, const StepLayers& layers) override {
        const auto step = std::make_shared<Step>(std::exchange(next_, {}));
        step->hidden = fixed_.put(hidden_place, hidden);
        for (std::int64_t layer = 0; layer < spec_.layers(); ++layer) {
            step->turns.push_back(turns_.of(layer_spec(layer)));
            step->keys.push_back(arena_->keys(layer));
            step->values.push_back(arena_->values(layer));
        }
        const std::int64_t count = std::ssize(step->plans.front().runs);
        return steps_.run(key_of(*step), count, [this, step, layers] {
            step_ = step.get();
            const auto after = c10::make_scope_exit([this] { step_ = nullptr; });
            // Norms add to the residual stream in place, and the work may run twice.
            return layers(step->hidden.clone());
        });
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
                    .places = step_ == nullptr ? places_ : step_->places,
                    .slots = step_ == nullptr ? slots_ : step_->slots,
                    .key_store = keys_of(layer),
                    .value_store = values_of(layer)},
                   turns_of(layer));
    }

    at::Tensor attend(std::int64_t layer, const at::Tensor& queries,
                      const std::vector<QueryRun>& runs, const std::vector<Span>& spans) override {
        const Plan& plan = plan_for(layer, queries.size(0), runs, spans);
        const at::Tensor turned =
            ops_.rotate(heads_of(queries, spec_.heads), turns_of(layer), plan.places, plan.growth);
        const cuda::AttentionShape shape{.scale = spec_.attention_scale,
                                         .soft_cap = spec_.attention_soft_cap};
        std::vector<Attended> parts;
        for (const cuda::PackedCall& call : plan.calls) {
            at::Tensor keys = keys_of(layer);
            at::Tensor values = values_of(layer);
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

    [[nodiscard]] const at::Tensor& keys_of(std::int64_t layer) const {
        return step_ == nullptr ? arena_->keys(layer)
                                : step_->keys[static_cast<std::size_t>(layer)];
    }
    [[nodiscard]] const at::Tensor& values_of(std::int64_t layer) const {
        return step_ == nullptr ? arena_->values(layer)
                                : step_->values[static_cast<std::size_t>(layer)];
    }
    [[nodiscard]] const cuda::Turns& turns_of(std::int64_t layer) const {
        return step_ == nullptr ? turns_.of(layer_spec(layer))
                                : step_->turns[static_cast<std::size_t>(layer)];
    }

    /// Where rows store, and where they turn to.
    struct Targets {
        std::vector<std::int64_t> slots, places;  ///< [rows of the spans]
    };

    [[nodiscard]] Targets targets_of(const std::vector<Span>& spans) {
        std::int64_t farthest = 0;
        for (const Span& span : spans) farthest = std::max(farthest, span.position + span.count);
        turns_.reach(farthest);
        Targets targets;
        for (const Span& span : spans) {
            const auto& state = static_cast<const cuda::ArenaState&>(*span.states.back());
            for (std::int64_t i = 0; i < span.count; ++i) {
                targets.slots.push_back(state.slot(span.position + i));
                targets.places.push_back(turns_.place(span.position + i, span.long_text));
            }
        }
        return targets;
    }

    /// One plan for each reach, with numbers in places of its own.
    void plan_step(const std::vector<Span>& spans) {
        std::vector<QueryRun> runs;
        for (std::size_t i = 0; i < spans.size(); ++i)
            runs.push_back({i, spans[i].first_row, spans[i].count, spans[i].position});
        at::Tensor growth;
        if (spec_.query_growth.beta != 0.0)
            growth = fixed_.put(growth_place, at::tensor(growth_of(runs, few_rows), at::kFloat));
        for (const LayerSpec& layer : spec_.layer_specs) {
            const std::int64_t back = layer.reach.back;
            const auto planned = [&](const Plan& plan) { return plan.back == back; };
            if (std::ranges::any_of(next_.plans, planned)) continue;
            auto calls = cuda::plan_attention(runs, spans, few_rows, back);
            for (cuda::PackedCall& call : calls) cuda::fix_shape(call, few_rows);
            const std::size_t first = first_plan + places_of_a_plan * next_.plans.size();
            cuda::upload(calls, [&](std::size_t number, const at::Tensor& values) {
                return fixed_.put(first + number, values);
            });
            next_.plans.push_back({.runs = runs,
                                   .back = back,
                                   .places = next_.places,
                                   .growth = growth,
                                   .calls = std::move(calls)});
        }
    }

    [[nodiscard]] cuda::StepKey key_of(const Step& step) const {
        cuda::StepKey key{.addresses = {arena_->version(), turns_.capacity(), fixed_.version()},
                          .shapes = {}};
        for (const Plan& plan : step.plans) {
            key.shapes.push_back(std::ssize(plan.calls));
            for (const cuda::PackedCall& call : plan.calls)
                key.shapes.insert(key.shapes.end(), {call.causal ? 1 : 0, call.back, call.most_rows,
                                                     call.most_keys, std::ssize(call.gather)});
        }
        return key;
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
        if (step_ != nullptr) return *std::ranges::find(step_->plans, back, &Plan::back);
        for (const Plan& plan : plans_)
            if (plan.back == back && plan.places.size(0) == rows && same(plan.runs, runs))
                return plan;
        plans_.push_back({.runs = runs,
                          .back = back,
                          .places = {},
                          .growth = {},
                          .calls = cuda::plan_attention(runs, spans, rows, back)});
        cuda::upload(plans_.back().calls, device_);
        add_positions(plans_.back(), rows, spans);
        return plans_.back();
    }

    void add_positions(Plan& plan, std::int64_t rows, const std::vector<Span>& spans) const {
        std::vector<std::int64_t> places;
        for (const QueryRun& run : plan.runs)
            for (std::int64_t i = 0; i < run.count; ++i)
                places.push_back(turns_.place(run.position + i, spans[run.span].long_text));
        places.resize(static_cast<std::size_t>(rows));
        plan.places = at::tensor(places, at::kLong).to(device_);
        if (spec_.query_growth.beta != 0.0)
            plan.growth = at::tensor(growth_of(plan.runs, rows), at::kFloat).to(device_);
    }

    /// [rows]; zeros behind the runs.
    [[nodiscard]] std::vector<float> growth_of(const std::vector<QueryRun>& runs,
                                               std::int64_t rows) const {
        std::vector<float> growth;
        for (const QueryRun& run : runs)
            for (std::int64_t i = 0; i < run.count; ++i)
                growth.push_back(query_scale(spec_, run.position + i) /
                                 static_cast<float>(spec_.attention_scale));
        growth.resize(static_cast<std::size_t>(rows));
        return growth;
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

    cuda::FixedTensors fixed_;        ///< of steps
    std::shared_ptr<KvState> spare_;  ///< of one slot
    cuda::RecordedSteps steps_;
    Step next_;                   ///< announced
    const Step* step_ = nullptr;  ///< whose layers are called at the moment
};

}  // namespace

bool runs_packed(const ModelSpec& spec) {
    return !spec.masked && std::ranges::all_of(spec.layer_specs, [](const LayerSpec& layer) {
        return layer.reach.ahead == 0;
    });
}

std::unique_ptr<Backend> make_cuda_backend(const ModelSpec& spec, at::ScalarType dtype,
                                           at::Device device, cuda::DeviceOps ops,
                                           CudaBackendOptions options) {
    return std::make_unique<CudaBackend>(spec, dtype, device, std::move(ops), std::move(options));
}

}  // namespace evoke::lm
