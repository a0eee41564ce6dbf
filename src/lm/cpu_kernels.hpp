#pragma once

#include <cstdint>

#include "lm/activation.hpp"

/// The parts of a forward pass that are not matrix products, in plain C++ for one thread and one
/// instruction set each. Every result row is a function of its own inputs alone, added up in an
/// order that depends on nothing else: that is what makes answers independent of the batch.
namespace evoke::lm::cpu {

/// Keys are visited in blocks of this many positions, aligned to position 0 of the text whatever
/// the nodes of the tree it is cut into.
inline constexpr std::int64_t key_block = 64;
/// Rows of values are padded with zeros to a multiple of this.
inline constexpr std::int64_t value_align = 16;
/// (query, head) pairs that share their loads of keys.
inline constexpr std::int64_t tile_rows = 24;

constexpr std::int64_t padded_values(std::int64_t head_dim) {
    return (head_dim + value_align - 1) / value_align * value_align;
}

/// A matrix product goes through its weights in blocks of so many rows and so much depth, which
/// stay in the second cache while panels of the rows of x pass by.
inline constexpr std::int64_t matrix_columns = 96;
inline constexpr std::int64_t matrix_depth = 256;
/// Rows of one task, at most.
inline constexpr std::int64_t matrix_rows = 128;

/// Floats that `pack` writes.
constexpr std::int64_t packed_size(std::int64_t depth) {
    return matrix_rows * depth;
}
/// Floats of scratch memory that `multiply` needs.
inline constexpr std::int64_t matrix_scratch = matrix_columns * (matrix_rows + matrix_depth);

/// y[rows, columns] = x[rows, depth] * weight[columns, depth]ᵀ + bias[columns].
struct MatrixTask {
    const float* packed;  ///< x, as `pack` leaves it
    const void* weight;   ///< in the type of the activations
    const void* bias;     ///< likewise, or null
    void* y;              ///< in the type of the activations, or float
    std::int64_t y_stride;
    std::int64_t rows;  ///< at most matrix_rows
    std::int64_t columns;
    std::int64_t depth;
};

/// bfloat16 by its bits.
struct BFloat16 {
    std::uint16_t bits;
};

/// States of one node for one key-value head of one layer.
struct SegmentView {
    const float* keys;    ///< [blocks, head_dim, key_block]; the first block holds position `first`
    const float* values;  ///< [end - first, padded_values(head_dim)]
    std::int64_t first;
    std::int64_t end;  ///< positions first .. end-1
};

/// A query of one head, to be turned and multiplied with `scale`.
struct AttentionRow {
    const void* query;             ///< [head_dim] in the type of the activations
    void* out;                     ///< likewise
    const float *cosines, *sines;  ///< [rotated_pairs] of its position
    float scale;
    std::int64_t position;
};

/// Some rows of a tile meet the keys at positions begin .. end-1. Those of one row begin at
/// multiples of key_block and follow each other.
struct AttentionPart {
    std::int64_t first_row, rows;
    std::int64_t begin, end;
    std::int64_t first_segment, segments;  ///< in order of position, around begin .. end-1
};

/// A query at position t sees positions t - back .. t + ahead.
struct AttentionTile {
    const AttentionRow* rows;
    std::int64_t row_count;  ///< at most tile_rows
    const AttentionPart* parts;
    std::int64_t part_count;
    const SegmentView* segments;
    std::int64_t head_dim;
    std::int64_t rotated_pairs;
    std::int64_t back, ahead;
    float soft_cap;  ///< 0: none; else scores become cap * tanh(score / cap)
};

/// Floats of scratch memory that `attend` needs.
constexpr std::int64_t attention_scratch(std::int64_t head_dim) {
    return tile_rows * (head_dim + key_block + padded_values(head_dim));
}

/// States of consecutive positions, and where they go: one layer of one node.
template <class T>
struct NewStates {
    const T *key, *value;  ///< [count, key_value_heads * head_dim]
    std::int64_t count;
    std::int64_t key_value_heads, head_dim, rotated_pairs;
    const float *cosines, *sines;  ///< [count, rotated_pairs]
};

struct StateSlot {
    float* keys;    ///< [key_value_heads, blocks, head_dim, key_block]
    float* values;  ///< [key_value_heads, capacity, padded_values(head_dim)]
    std::int64_t key_head_stride;
    std::int64_t value_head_stride;
    std::int64_t first;     ///< first position of the node
    std::int64_t position;  ///< of the first new one
};

struct LogitBest {
    float maximum;
    std::int64_t place;  ///< of the first maximum
};

struct LogitStats {
    LogitBest best;
    float sum;  ///< of exp(logit - maximum)
};

/// The kernels for activations of type T.
template <class T>
struct Typed {
    void (*attend)(const AttentionTile& tile, float* scratch);
    /// hidden += delta (unless null); out = hidden / rms(hidden) * weight. [size] each.
    void (*add_norm)(float* hidden, const T* delta, const float* weight, float epsilon,
                     std::int64_t size, T* out);
    /// Likewise; out = (hidden - mean) / deviation * weight + bias (unless null).
    void (*add_layer_norm)(float* hidden, const T* delta, const float* weight, const float* bias,
                           float epsilon, std::int64_t size, T* out);
    /// hidden += delta.
    void (*add)(float* hidden, const T* delta, std::int64_t size);
    /// out = activation(gate) * up, or activation(gate) when `up` is null.
    void (*activate)(Activation activation, const T* gate, const T* up, std::int64_t size, T* out);
    /// Rotates the keys and stores keys and values.
    void (*store)(const NewStates<T>& states, const StateSlot& slot);
    /// x[rows, depth] as products read it.
    void (*pack)(const T* x, std::int64_t rows, std::int64_t depth, float* packed);
    /// A product rounded to T, and one that stays float32; both add in float32.
    void (*multiply)(const MatrixTask& task, float* scratch);
    void (*multiply_wide)(const MatrixTask& task, float* scratch);
};

struct Kernels {
    const char* name;  ///< of the instruction set
    Typed<float> float32;
    Typed<BFloat16> bfloat16;
    LogitBest (*logit_best)(const float* logits, std::int64_t size);
    LogitStats (*logit_stats)(const float* logits, std::int64_t size);
    /// values = cap * tanh(values / cap)
    void (*soft_cap)(float* values, float cap, std::int64_t size);

    template <class T>
    [[nodiscard]] const Typed<T>& typed() const;
};

template <>
inline const Typed<float>& Kernels::typed<float>() const {
    return float32;
}
template <>
inline const Typed<BFloat16>& Kernels::typed<BFloat16>() const {
    return bfloat16;
}

extern const Kernels avx512_kernels;
extern const Kernels avx2_kernels;
extern const Kernels generic_kernels;

/// The best that this processor runs.
[[nodiscard]] const Kernels& kernels();

}  // namespace evoke::lm::cpu
