#include <ATen/Parallel.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "lm/backend.hpp"
#include "lm/cpu_kernels.hpp"
#include "lm/cpu_product.hpp"
#include "lm/machine.hpp"
#include "lm/memory_pool.hpp"
#include "lm/rotation_table.hpp"

namespace evoke::lm {

namespace {

/// Version of the order in which the kernels add; raised when bits change.
constexpr const char* attention_version = "attention-1";

/// Memory that a backend keeps between forward passes.
constexpr std::size_t most_unused_bytes = std::size_t{256} << 20U;

struct StateShape {
    std::int64_t layers, key_value_heads, head_dim;
};

std::int64_t block_of(std::int64_t position) {
    return position / cpu::key_block;
}

/// Per layer: keys [key_value_heads, blocks, head_dim, key_block], then values [key_value_heads,
/// capacity, padded_values(head_dim)]. Lanes of a block that belong to another node hold zeros.
class CpuKvState final : public KvState {
public:
    CpuKvState(const StateShape& shape, std::int64_t first, std::int64_t capacity, MemoryPool& pool)
        : KvState{first, capacity},
          key_head_{(block_of(first + capacity - 1) - block_of(first) + 1) * shape.head_dim *
                    cpu::key_block},
          value_head_{capacity * cpu::padded_values(shape.head_dim)},
          heads_{shape.key_value_heads},
          floats_{shape.layers * heads_ * (key_head_ + value_head_)} {
        memory_ = pool.take(bytes());
        data_ = static_cast<float*>(memory_.get());
        clear_edges(shape);
    }

    [[nodiscard]] std::size_t bytes() const override {
        return static_cast<std::size_t>(floats_) * sizeof(float);
    }

    [[nodiscard]] cpu::StateSlot slot(std::int64_t layer, std::int64_t position) const {
        float* keys = layer_keys(layer);
        return {.keys = keys,
                .values = keys + heads_ * key_head_,
                .key_head_stride = key_head_,
                .value_head_stride = value_head_,
                .first = first(),
                .position = position};
    }

    [[nodiscard]] cpu::SegmentView view(std::int64_t layer, std::int64_t head) const {
        const float* keys = layer_keys(layer);
        return {.keys = keys + head * key_head_,
                .values = keys + heads_ * key_head_ + head * value_head_,
                .first = first(),
                .end = end()};
    }

private:
    [[nodiscard]] float* layer_keys(std::int64_t layer) const {
        return data_ + layer * heads_ * (key_head_ + value_head_);
    }

    void clear_edges(const StateShape& shape) {
        const std::int64_t block = shape.head_dim * cpu::key_block;
        for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
            for (std::int64_t head = 0; head < heads_; ++head) {
                float* keys = layer_keys(layer) + head * key_head_;
                std::fill_n(keys, block, 0.0F);
                if (key_head_ > block) std::fill_n(keys + key_head_ - block, block, 0.0F);
            }
        }
    }

    std::int64_t key_head_;
    std::int64_t value_head_;
    std::int64_t heads_;
    std::int64_t floats_;
    std::shared_ptr<void> memory_;
    float* data_ = nullptr;
};

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
          heads_{.heads = spec.heads,
                 .key_value_heads = spec.key_value_heads,
                 .head_dim = spec.head_dim,
                 .rotated_pairs = 0},
          epsilon_{static_cast<float>(spec.norm_epsilon)},
          rotations_{spec} {}

    std::shared_ptr<KvState> allocate(std::int64_t first, std::int64_t capacity) override {
        return std::make_shared<CpuKvState>(shape_, first, capacity, pool_);
    }

    // Where the processor multiplies bfloat16, products of it go to the library, which rounds each
    // row alike for every number of rows.
    at::Tensor linear(const at::Tensor& x, const Linear& layer, Rows) override {
        at::Tensor y = empty({x.size(0), layer.weight.size(0)}, dtype_);
        if (!library_products_) {
            cpu_product(x.contiguous(), layer, y);
        } else if (layer.bias.defined()) {
            at::addmm_out(y, layer.bias, x, layer.weight.t());
        } else {
            at::mm_out(y, x, layer.weight.t());
        }
        return y;
    }

    at::Tensor logits(const at::Tensor& x, const Linear& head) override {
        at::Tensor y = empty({x.size(0), head.weight.size(0)}, at::kFloat);
        cpu_product(x.contiguous(), head, y);
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
        const auto count = static_cast<std::int64_t>(spans.size());
        at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const Span& span = spans[static_cast<std::size_t>(i)];
                const auto* state = static_cast<const CpuKvState*>(span.states.back());
                const RotationTable& turns = table(layer, span.long_text);
                const cpu::HeadShape shape = turned(turns);
                for (std::int64_t j = 0; j < span.count; ++j) {
                    const std::int64_t position = span.position + j;
                    const std::int64_t row = (span.first_row + j) * size;
                    kernels_.store(key + row, value + row, shape, turns.cosines(position),
                                   turns.sines(position), state->slot(layer, position));
                }
            }
        });
    }

    at::Tensor attend(std::int64_t layer, const at::Tensor& queries,
                      const std::vector<QueryRun>& runs, const std::vector<Span>& spans) override {
        const at::Tensor rotated = rotate(layer, queries, runs, spans);
        at::Tensor out = empty(queries.sizes(), dtype_);
        const std::vector<Tile> tiles = cut_into_tiles(runs);
        const auto count = static_cast<std::int64_t>(tiles.size());
        // All tiles of a head before the next head: neighbours share its keys.
        at::parallel_for(0, count * heads_.key_value_heads, 1,
                         [&](std::int64_t begin, std::int64_t end) {
                             std::vector<float> scratch(
                                 static_cast<std::size_t>(cpu::attention_scratch(heads_.head_dim)));
                             std::vector<cpu::SegmentView> segments;
                             for (std::int64_t i = begin; i < end; ++i) {
                                 const Tile& tile = tiles[static_cast<std::size_t>(i % count)];
                                 attend_tile(layer, i / count, tile, rotated, out,
                                             spans[tile.run->span], segments, scratch);
                             }
                         });
        return out;
    }

    std::vector<LogitSummary> summarise(const at::Tensor& logits) override {
        std::vector<LogitSummary> summaries(static_cast<std::size_t>(logits.size(0)));
        const std::int64_t columns = logits.size(1);
        const float* data = data_of<float>(logits);
        at::parallel_for(0, logits.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                const auto stats = cpu::kernels().logit_stats(data + row * columns, columns);
                summaries[static_cast<std::size_t>(row)] = {stats.maximum, stats.place, stats.sum};
            }
        });
        return summaries;
    }

    std::string numerics() const override {
        return std::string{attention_version} + " " + cpu::kernels().name +
               (library_products_ ? " library products" : "");
    }

private:
    struct Tile {
        const QueryRun* run;
        std::int64_t first_row;
        std::int64_t rows;
    };

    [[nodiscard]] std::int64_t group() const { return heads_.heads / heads_.key_value_heads; }

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

    [[nodiscard]] cpu::HeadShape turned(const RotationTable& turns) const {
        cpu::HeadShape shape = heads_;
        shape.rotated_pairs = turns.pairs();
        return shape;
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

    at::Tensor rotate(std::int64_t layer, const at::Tensor& queries,
                      const std::vector<QueryRun>& runs, const std::vector<Span>& spans) {
        for (const QueryRun& run : runs)
            table(layer, spans[run.span].long_text).reach(run.position + run.count);
        const std::int64_t size = queries.size(1);
        at::Tensor rotated = empty(queries.sizes(), at::kFloat);
        const T* from = data_of<T>(queries);
        float* to = mutable_data_of<float>(rotated);
        const auto count = static_cast<std::int64_t>(runs.size());
        at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const QueryRun& run = runs[static_cast<std::size_t>(i)];
                const RotationTable& turns = table(layer, spans[run.span].long_text);
                const cpu::HeadShape shape = turned(turns);
                for (std::int64_t j = 0; j < run.count; ++j) {
                    const std::int64_t row = (run.first_row + j) * size;
                    const std::int64_t position = run.position + j;
                    kernels_.rotate_query(from + row, shape, turns.cosines(position),
                                          turns.sines(position), query_scale(spec_, position),
                                          to + row);
                }
            }
        });
        return rotated;
    }

    [[nodiscard]] std::vector<Tile> cut_into_tiles(const std::vector<QueryRun>& runs) const {
        std::vector<Tile> tiles;
        for (const QueryRun& run : runs) {
            const std::int64_t rows = run.count * group();
            for (std::int64_t row = 0; row < rows; row += cpu::tile_rows)
                tiles.push_back({&run, row, std::min(cpu::tile_rows, rows - row)});
        }
        return tiles;
    }

    void attend_tile(std::int64_t layer, std::int64_t head, const Tile& tile,
                     const at::Tensor& rotated, const at::Tensor& out, const Span& span,
                     std::vector<cpu::SegmentView>& segments, std::vector<float>& scratch) const {
        segments.clear();
        for (const KvState* state : span.states)
            segments.push_back(static_cast<const CpuKvState*>(state)->view(layer, head));
        const std::int64_t size = rotated.size(1);
        const std::int64_t start = tile.run->first_row * size + head * group() * heads_.head_dim;
        kernels_.attend({.queries = data_of<float>(rotated) + start,
                         .query_stride = size,
                         .out = mutable_data_of<T>(out) + start,
                         .out_stride = size,
                         .first_row = tile.first_row,
                         .rows = tile.rows,
                         .group = group(),
                         .head_dim = heads_.head_dim,
                         .position = tile.run->position,
                         .back = layer_spec(layer).reach.back,
                         .ahead = layer_spec(layer).reach.ahead,
                         .soft_cap = static_cast<float>(spec_.attention_soft_cap),
                         .segments = segments.data(),
                         .segment_count = static_cast<std::int64_t>(segments.size())},
                        scratch.data());
    }

    ModelSpec spec_;
    at::ScalarType dtype_;
    StateShape shape_;
    cpu::HeadShape heads_;  ///< pairs that turn: see `turned`
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
