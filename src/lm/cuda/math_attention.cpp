#include "lm/cuda/math_attention.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isinf.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <limits>

namespace evoke::lm::cuda {

namespace {

constexpr std::int64_t tile_rows = 64;
constexpr std::int64_t block_keys = 128;
constexpr double nothing = -std::numeric_limits<double>::infinity();

/// Some rows of one sequence against its keys.
class Tile {
public:
    /// queries: [rows, heads, head_dim]; keys and values: [keys, key_value_heads, head_dim], those
    /// of the sequence. `first`: of the rows within the sequence.
    Tile(const at::Tensor& queries, const PackedCall& call, const Sequence& sequence,
         std::int64_t first, std::int64_t key_value_heads, const AttentionShape& shape)
        : call_{call},
          sequence_{sequence},
          first_{first},
          rows_{std::min(tile_rows, sequence.rows - first)},
          heads_{queries.size(1)},
          key_value_heads_{key_value_heads},
          head_dim_{queries.size(2)},
          shape_{shape},
          options_{queries.options().dtype(at::kFloat)} {
        at::Tensor padded = at::zeros({tile_rows, heads_, head_dim_}, options_);
        padded.narrow(0, 0, rows_).copy_(queries.narrow(0, sequence.first_row + first, rows_));
        queries_ = (padded * shape.scale)
                       .view({tile_rows, key_value_heads_, group(), head_dim_})
                       .permute({1, 2, 0, 3})
                       .reshape({key_value_heads_, group() * tile_rows, head_dim_});
        maximum_ = at::full({key_value_heads_, group() * tile_rows, 1}, nothing, options_);
        sum_ = at::zeros_like(maximum_);
        out_ = at::zeros_like(queries_);
    }

    void attend(const at::Tensor& keys, const at::Tensor& values) {
        const std::int64_t offset = sequence_.keys - sequence_.rows + first_;
        const std::int64_t end =
            call_.causal ? std::min(sequence_.keys, offset + tile_rows) : sequence_.keys;
        const std::int64_t begin =
            call_.causal ? std::max<std::int64_t>(0, offset - call_.back) : 0;
        for (std::int64_t first = begin / block_keys * block_keys; first < end; first += block_keys)
            add_block(block(keys, first), block(values, first), hidden(first, offset));
    }

    void write(const Attended& to) const {
        const at::Tensor none = sum_ == 0.0;
        const at::Tensor out = (out_ / sum_.masked_fill(none, 1.0))
                                   .view({key_value_heads_, group(), tile_rows, head_dim_})
                                   .permute({2, 0, 1, 3})
                                   .reshape({tile_rows, heads_, head_dim_});
        const at::Tensor log_sum = (maximum_ + sum_.log()).view({heads_, tile_rows});
        const std::int64_t row = sequence_.first_row + first_;
        to.out.narrow(0, row, rows_).copy_(out.narrow(0, 0, rows_));
        to.log_sum.narrow(1, row, rows_).copy_(log_sum.narrow(1, 0, rows_));
    }

private:
    [[nodiscard]] std::int64_t group() const { return heads_ / key_value_heads_; }

    /// [key_value_heads, block_keys, head_dim], zeros behind the end.
    [[nodiscard]] at::Tensor block(const at::Tensor& all, std::int64_t first) const {
        const std::int64_t count = std::min(block_keys, sequence_.keys - first);
        at::Tensor padded = at::zeros({block_keys, key_value_heads_, head_dim_}, options_);
        padded.narrow(0, 0, count).copy_(all.narrow(0, first, count));
        return padded.transpose(0, 1).contiguous();
    }

    /// [tile_rows, block_keys]: which keys a row does not see. `offset`: the last key that the
    /// tile's first row sees, if causal.
    [[nodiscard]] at::Tensor hidden(std::int64_t first, std::int64_t offset) const {
        const auto longs = options_.dtype(at::kLong);
        const at::Tensor key = at::arange(first, first + block_keys, longs).unsqueeze(0);
        const at::Tensor missing = key >= sequence_.keys;
        if (!call_.causal) return missing.expand({tile_rows, block_keys});
        const at::Tensor last = at::arange(offset, offset + tile_rows, longs).unsqueeze(1);
        return missing.logical_or(key > last).logical_or(key < last - call_.back);
    }

    void add_block(const at::Tensor& keys, const at::Tensor& values, const at::Tensor& hidden) {
        at::Tensor scores = at::bmm(queries_, keys.transpose(1, 2));
        if (shape_.soft_cap != 0.0) scores = at::tanh(scores / shape_.soft_cap) * shape_.soft_cap;
        scores = scores.view({key_value_heads_, group(), tile_rows, block_keys})
                     .masked_fill(hidden, nothing)
                     .view({key_value_heads_, group() * tile_rows, block_keys});
        const at::Tensor maximum = at::maximum(maximum_, scores.amax({-1}, true));
        const at::Tensor base = maximum.masked_fill(at::isinf(maximum), 0.0);
        const at::Tensor weights = at::exp(scores - base);
        const at::Tensor kept = at::exp(maximum_ - base);
        sum_ = sum_ * kept + weights.sum({-1}, true);
        out_ = out_ * kept + at::bmm(weights, values);
        maximum_ = maximum;
    }

    const PackedCall& call_;
    const Sequence& sequence_;
    std::int64_t first_, rows_, heads_, key_value_heads_, head_dim_;
    AttentionShape shape_;
    at::TensorOptions options_;
    at::Tensor queries_, maximum_, sum_, out_;  ///< [key_value_heads, group * tile_rows, ...]
};

}  // namespace

Attended math_attend(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                     const PackedCall& call, const AttentionShape& shape) {
    const Attended result{.out = at::zeros(queries.sizes(), queries.options()),
                          .log_sum = at::full({queries.size(1), queries.size(0)}, nothing,
                                              queries.options().dtype(at::kFloat))};
    for (const Sequence& sequence : call.sequences) {
        if (sequence.keys == 0) continue;
        const at::Tensor some_keys = keys.narrow(0, sequence.first_key, sequence.keys);
        const at::Tensor some_values = values.narrow(0, sequence.first_key, sequence.keys);
        for (std::int64_t first = 0; first < sequence.rows; first += tile_rows) {
            Tile tile{queries, call, sequence, first, keys.size(1), shape};
            tile.attend(some_keys, some_values);
            tile.write(result);
        }
    }
    return result;
}

}  // namespace evoke::lm::cuda
