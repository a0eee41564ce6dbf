#include <ATen/Parallel.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>

#include <algorithm>
#include <array>
#include <span>
#include <type_traits>
#include <utility>

#include "lm/aligned_floats.hpp"
#include "lm/backend.hpp"
#include "lm/cpu_kernels.hpp"
#include "lm/cpu_kv_state.hpp"
#include "lm/cpu_product.hpp"
#include "lm/cpu_tiles.hpp"
#include "lm/machine.hpp"
#include "lm/memory_pool.hpp"
#include "lm/rotation_table.hpp"
#include "lm/share_out.hpp"

namespace evoke::lm {

namespace {

/// Version of the order in which the kernels add; raised when bits change.
constexpr const char* attention_version = "attention-1";

/// Memory that a backend keeps between forward passes.
constexpr std::size_t most_unused_bytes = std::size_t{1} << 30U;

template <class T>
const T* data_of(const at::Tensor& tensor) {
    return static_cast<const T*>(tensor.const_data_ptr());
}

template <class T>
T* mutable_data_of(const at::Tensor& tensor) {
    return static_cast<T*>(tensor.mutable_data_ptr());
}

/// Rows handed to a thread at a time, so that each has some thousand numbers to work on.
std::int64_t grain(std::int64_t row_size) {
    return std::max<std::int64_t>(1, 32768 / row_size);
}

template <class T>
class CpuBackend final : public Backend {
public:
    CpuBackend(const ModelSpec& spec, at::ScalarType dtype)
        : spec_{spec},
          dtype_{dtype},
          shape_{.layers = spec.layers(),
                 .key_value_heads = spec.key_value_heads,
                 .head_dim = spec.head_dim},
          epsilon_{static_cast<float>(spec.norm_epsilon)},
          rotations_{spec} {}

    std::shared_ptr<KvState> allocate(std::int64_t first, std::int64_t capacity) override {
        return std::make_shared<CpuKvState>(shape_, first, capacity, pool_);
    }

    at::Tensor linear(const at::Tensor& x, const Linear& layer, Rows rows) override {
        return linears(x, std::array{&layer}, rows).front();
    }

    // Where the processor multiplies bfloat16, products of it go to the library, which rounds each
    // row alike for every number of rows.
    std::vector<at::Tensor> linears(const at::Tensor& x, std::span<const Linear* const> layers,
                                    Rows) override {
        std::vector<at::Tensor> ys;
        for (const Linear* layer : layers)
            ys.push_back(empty({x.size(0), layer->weight.size(0)}, dtype_));
        if (!library_products_) {
            cpu_products(x.contiguous(), layers, ys);
            return ys;
        }
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const Linear& layer = *layers[i];
            if (layer.bias.defined()) {
                at::addmm_out(ys[i], layer.bias, x, layer.weight.t());
            } else {
                at::mm_out(ys[i], x, layer.weight.t());
            }
        }
        return ys;
    }

    at::Tensor logits(const at::Tensor& x, const Linear& head) override {
        const at::Tensor y = empty({x.size(0), head.weight.size(0)}, at::kFloat);
        cpu_products(x.contiguous(), std::array{&head}, std::array{y});
        if (spec_.final_soft_cap == 0.0) return y;
        const auto cap = static_cast<float>(spec_.final_soft_cap);
        each_row(y, [&](std::int64_t row, std::int64_t size) {
            cpu::kernels().soft_cap(mutable_data_of<float>(y) + row * size, cap, size);
        });
        return y;
    }

    at::Tensor add_norm(at::Tensor& hidden, const at::Tensor& delta, const Norm& norm) override {
        at::Tensor out = empty(hidden.sizes(), dtype_);
        float* stream = mutable_data_of<float>(hidden);
        const T* added = delta.defined() ? data_of<T>(delta) : nullptr;
        T* to = mutable_data_of<T>(out);
        if (!norm.weight.defined()) {
            each_row(hidden, [&](std::int64_t row, std::int64_t size) {
                const std::int64_t at = row * size;
                if (added != nullptr) kernels_.add(stream + at, added + at, size);
            });
            return out.copy_(hidden);
        }
        const float* weight = data_of<float>(norm.weight);
        const float* bias = norm.bias.defined() ? data_of<float>(norm.bias) : nullptr;
        each_row(hidden, [&](std::int64_t row, std::int64_t size) {
            const std::int64_t at = row * size;
            const T* own = added == nullptr ? nullptr : added + at;
            if (spec_.norm == NormKind::rms) {
                kernels_.add_norm(stream + at, own, weight, epsilon_, size, to + at);
            } else {
                kernels_.add_layer_norm(stream + at, own, weight, bias, epsilon_, size, to + at);
            }
        });
        return out;
    }

    at::Tensor activate(Activation activation, const at::Tensor& gate,
                        const at::Tensor& up) override {
        at::Tensor out = empty(gate.sizes(), dtype_);
        const T* gates = data_of<T>(gate);
        const T* ups = up.defined() ? data_of<T>(up) : nullptr;
        T* to = mutable_data_of<T>(out);
        each_row(gate, [&](std::int64_t row, std::int64_t size) {
            const std::int64_t at = row * size;
            kernels_.activate(activation, gates + at, ups == nullptr ? nullptr : ups + at, size,
                              to + at);
        });
        return out;
    }

    void store(std::int64_t layer, const at::Tensor& keys, const at::Tensor& values,
               const std::vector<Span>& spans) override {
        for (const Span& span : spans)
            table(layer, span.long_text).reach(span.position + span.count);
        const std::int64_t size = keys.size(1);
        const T* key = data_of<T>(keys);
        const T* value = data_of<T>(values);
        const auto store_span = [&](std::int64_t i) {
            const Span& span = spans[static_cast<std::size_t>(i)];
            const auto* state = static_cast<const CpuKvState*>(span.states.back());
            const RotationTable& turns = table(layer, span.long_text);
            const std::int64_t first = span.first_row * size;
            kernels_.store({.key = key + first,
                            .value = value + first,
                            .count = span.count,
                            .key_value_heads = spec_.key_value_heads,
                            .head_dim = spec_.head_dim,
                            .rotated_pairs = turns.pairs(),
                            .cosines = turns.cosines(span.position),
                            .sines = turns.sines(span.position)},
                           state->slot(layer, span.position));
        };
        share_out(static_cast<std::int64_t>(spans.size()), [&] { return store_span; });
    }

    at::Tensor attend(std::int64_t layer, const at::Tensor& queries,
                      const std::vector<QueryRun>& runs, const std::vector<Span>& spans) override {
        for (const QueryRun& run : runs)
            table(layer, spans[run.span].long_text).reach(run.position + run.count);
        at::Tensor out = empty(queries.sizes(), dtype_);
        const std::vector<AttendTile> tiles =
            cut_into_tiles(runs, spans,
                           {.group = group(),
                            .key_value_heads = spec_.key_value_heads,
                            .threads = at::get_num_threads()});
        const auto count = static_cast<std::int64_t>(tiles.size());
        // All tiles of a head before the next head: neighbours share its keys.
        share_out(count * spec_.key_value_heads, [&] {
            return [&, own = TileMemory{spec_.head_dim}](std::int64_t task) mutable {
                attend_tile(layer, task / count, tiles[static_cast<std::size_t>(task % count)],
                            spans, queries, out, own);
            };
        });
        return out;
    }

    std::vector<LogitSummary> summarise(const at::Tensor& logits) override {
        std::vector<LogitSummary> summaries(static_cast<std::size_t>(logits.size(0)));
        each_row(logits, [&](std::int64_t row, std::int64_t size) {
            const auto stats =
                cpu::kernels().logit_stats(data_of<float>(logits) + row * size, size);
            summaries[static_cast<std::size_t>(row)] = {stats.best.maximum, stats.best.place,
                                                        stats.sum};
        });
        return summaries;
    }

    std::vector<LogitSummary> best(const at::Tensor& logits) override {
        std::vector<LogitSummary> summaries(static_cast<std::size_t>(logits.size(0)));
        each_row(logits, [&](std::int64_t row, std::int64_t size) {
            const auto best = cpu::kernels().logit_best(data_of<float>(logits) + row * size, size);
            summaries[static_cast<std::size_t>(row)] = {best.maximum, best.place, 0.0};
        });
        return summaries;
    }

    std::string numerics() const override {
        return std::string{attention_version} + " " + cpu::kernels().name +
               (library_products_ ? " library products" : "");
    }

private:
    /// What a thread needs to hand a tile to the kernel.
    struct TileMemory {
        explicit TileMemory(std::int64_t head_dim)
            : scratch(static_cast<std::size_t>(cpu::attention_scratch(head_dim))) {}
        std::vector<cpu::AttentionRow> rows;
        std::vector<cpu::AttentionPart> parts;
        std::vector<cpu::SegmentView> segments;
        AlignedFloats scratch;

        [[nodiscard]] std::int64_t row_count() const {
            return static_cast<std::int64_t>(rows.size());
        }
    };

    [[nodiscard]] std::int64_t group() const { return spec_.heads / spec_.key_value_heads; }

    /// Memory of the pool as a tensor with any contents.
    at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) {
        const auto bytes =
            static_cast<std::size_t>(c10::multiply_integers(sizes)) * c10::elementSize(dtype);
        std::shared_ptr<void> memory = pool_.take(bytes);
        void* data = memory.get();
        return at::from_blob(
            data, sizes, [memory = std::move(memory)](void*) mutable { memory.reset(); },
            at::TensorOptions{}.dtype(dtype));
    }

    [[nodiscard]] const LayerSpec& layer_spec(std::int64_t layer) const {
        return spec_.layer_specs[static_cast<std::size_t>(layer)];
    }

    RotationTable& table(std::int64_t layer, bool long_text) {
        return rotations_.of(layer_spec(layer), long_text);
    }

    /// Rows of x's last dimension, shared out over the threads.
    template <class Work>
    static void each_row(const at::Tensor& x, const Work& work) {
        const std::int64_t size = x.size(-1);
        at::parallel_for(0, x.numel() / size, grain(size),
                         [&](std::int64_t begin, std::int64_t end) {
                             for (std::int64_t row = begin; row < end; ++row) work(row, size);
                         });
    }

    /// Keys begin .. end-1 of the given states for rows of the tile.
    void add_part(std::int64_t layer, std::int64_t head, std::span<KvState* const> states,
                  cpu::AttentionPart part, TileMemory& own) const {
        part.first_segment = static_cast<std::int64_t>(own.segments.size());
        part.segments = static_cast<std::int64_t>(states.size());
        for (const KvState* state : states)
            own.segments.push_back(static_cast<const CpuKvState*>(state)->view(layer, head));
        own.parts.push_back(part);
    }

    void attend_tile(std::int64_t layer, std::int64_t head, const AttendTile& tile,
                     const std::vector<Span>& spans, const at::Tensor& queries,
                     const at::Tensor& out, TileMemory& own) {
        const Reach& reach = layer_spec(layer).reach;
        own.rows.clear();
        own.parts.clear();
        own.segments.clear();
        std::int64_t first_seen = tile.shared_end;
        for (const TileMember& member : tile.members)
            first_seen = std::min(first_seen, member.run->position - reach.back);
        const auto block_at = [](std::int64_t position) {
            return std::max<std::int64_t>(position, 0) / cpu::key_block * cpu::key_block;
        };
        if (tile.shared_end > 0) {
            const Span& any = spans[tile.members.front().run->span];
            add_part(layer, head, std::span{any.states}.first(tile.shared_states),
                     {.begin = block_at(first_seen), .end = tile.shared_end}, own);
        }
        for (const TileMember& member : tile.members) {
            const Span& span = spans[member.run->span];
            const std::int64_t first = own.row_count();
            add_rows(layer, head, member, span, queries, out, own);
            const std::int64_t from = own.rows[static_cast<std::size_t>(first)].position;
            const std::int64_t last = own.rows.back().position;
            add_part(layer, head, span.states,
                     {.first_row = first,
                      .rows = member.rows,
                      .begin = std::max(tile.shared_end, block_at(from - reach.back)),
                      .end = std::min(last + reach.ahead + 1, span.states.back()->end())},
                     own);
        }
        if (tile.shared_end > 0) own.parts.front().rows = own.row_count();
        kernels_.attend({.rows = own.rows.data(),
                         .row_count = own.row_count(),
                         .parts = own.parts.data(),
                         .part_count = static_cast<std::int64_t>(own.parts.size()),
                         .segments = own.segments.data(),
                         .head_dim = spec_.head_dim,
                         .rotated_pairs = table(layer, false).pairs(),
                         .back = reach.back,
                         .ahead = reach.ahead,
                         .soft_cap = static_cast<float>(spec_.attention_soft_cap)},
                        own.scratch.data());
    }

    void add_rows(std::int64_t layer, std::int64_t head, const TileMember& member, const Span& span,
                  const at::Tensor& queries, const at::Tensor& out, TileMemory& own) {
        const RotationTable& turns = table(layer, span.long_text);
        for (std::int64_t r = member.first_row; r < member.first_row + member.rows; ++r) {
            const std::int64_t query = r / group();
            const std::int64_t position = member.run->position + query;
            const std::int64_t place = (member.run->first_row + query) * queries.size(1) +
                                       (head * group() + r % group()) * spec_.head_dim;
            own.rows.push_back({.query = data_of<T>(queries) + place,
                                .out = mutable_data_of<T>(out) + place,
                                .cosines = turns.cosines(position),
                                .sines = turns.sines(position),
                                .scale = query_scale(spec_, position),
                                .position = position});
        }
    }

    ModelSpec spec_;
    at::ScalarType dtype_;
    StateShape shape_;
    float epsilon_;
    Rotations rotations_;
    bool library_products_ = std::is_same_v<T, cpu::BFloat16> && processor_prefers_bfloat16();
    MemoryPool pool_{most_unused_bytes};
    const cpu::Typed<T>& kernels_ = cpu::kernels().typed<T>();
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(const ModelSpec& spec, at::ScalarType dtype) {
    if (dtype == at::kBFloat16) return std::make_unique<CpuBackend<cpu::BFloat16>>(spec, dtype);
    return std::make_unique<CpuBackend<float>>(spec, dtype);
}

}  // namespace evoke::lm
