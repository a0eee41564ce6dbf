#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "lm/backend.hpp"
#include "lm/cpu_kernels.hpp"
#include "lm/memory_pool.hpp"

namespace evoke::lm {

/// Of a state, whatever its length.
struct StateShape {
    std::int64_t layers, key_value_heads, head_dim;
};

/// Per layer: keys [key_value_heads, blocks, head_dim, key_block], then values [key_value_heads,
/// capacity, padded_values(head_dim)]. Lanes of a block that belong to another node hold zeros.
class CpuKvState final : public KvState {
public:
    CpuKvState(const StateShape& shape, std::int64_t first, std::int64_t capacity, MemoryPool& pool)
        : KvState{first, capacity},
          key_head_{((first + capacity - 1) / cpu::key_block - first / cpu::key_block + 1) *
                    shape.head_dim * cpu::key_block},
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

}  // namespace evoke::lm
