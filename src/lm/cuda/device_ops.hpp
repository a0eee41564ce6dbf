#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lm/backend.hpp"
#include "lm/cuda/packed_call.hpp"

namespace evoke::lm::cuda {

struct NormShape {
    NormKind kind = NormKind::rms;
    double epsilon = 0.0;
};

/// Cosines and sines by place, [places, pairs] float32 each; undefined when nothing turns.
struct Turns {
    at::Tensor cosines, sines;
};

/// Rows of keys and values, and where they go.
struct NewStates {
    at::Tensor keys, values;            ///< [rows or more, key_value_heads, head_dim]
    at::Tensor places;                  ///< [rows] int64 into the turns
    at::Tensor slots;                   ///< [rows] int64 into the stores
    at::Tensor key_store, value_store;  ///< [slots, key_value_heads, head_dim]
};

struct AttentionShape {
    double scale = 1.0;
    double soft_cap = 0.0;  ///< 0: none; else cap * tanh(score / cap)
};

/// Attention to some of the keys.
struct Attended {
    at::Tensor out;      ///< [rows, heads, head_dim]
    at::Tensor log_sum;  ///< [heads, rows] float32: log of the sum of exp(score); ±inf: no keys
};

/// Of rows of logits, each [rows]: float32, int64, float64.
struct RowSummaries {
    at::Tensor maximum, place, sum;
};

/// What a packed forward asks of a device besides products, as a table of functions, so that each
/// can be replaced alone. Rows of a result depend on the same rows of the arguments only.
struct DeviceOps {
    std::string name;  ///< part of the numerics
    /// What is launched depends on shapes, and `attend`'s also on most_rows and most_keys, but not
    /// on `sequences` or other numbers: a launch can be kept and made again with other numbers.
    bool repeatable = false;

    /// See Backend::add_norm. hidden: [rows, size] float32; the result has `dtype`.
    at::Tensor (*add_norm)(at::Tensor& hidden, const at::Tensor& delta, const Norm& norm,
                           const NormShape& shape, at::ScalarType dtype);
    /// See Backend::activate.
    at::Tensor (*activate)(Activation activation, const at::Tensor& gate, const at::Tensor& up);
    /// Queries [rows, heads, head_dim], turned and then multiplied with growth [rows] float32 or
    /// undefined.
    at::Tensor (*rotate)(const at::Tensor& queries, const Turns& turns, const at::Tensor& places,
                         const at::Tensor& growth);
    /// Turns the keys and writes both into the stores.
    void (*store)(const NewStates& states, const Turns& turns);
    /// Each row of queries [rows, heads, head_dim] attends to the keys that its sequence shows it.
    Attended (*attend)(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                       const PackedCall& call, const AttentionShape& shape);
    /// Attention to all keys from attention to parts of them, added in order; rows without any are
    /// zero. Requires: 1 to most_parts parts.
    Attended (*merge)(std::span<const Attended> parts);
    /// logits: [rows, columns] float32
    RowSummaries (*summarise)(const at::Tensor& logits);
};

constexpr std::size_t most_parts = 64;

/// ATen operators in shapes that do not depend on the company, on any device; the yardstick.
[[nodiscard]] DeviceOps math_ops();

/// The fastest that the build, the device and the model allow; each one is held against math_ops
/// on small tensors first, and one that differs is left out with a warning.
[[nodiscard]] DeviceOps best_ops(const ModelSpec& spec, at::ScalarType dtype, at::Device device);

}  // namespace evoke::lm::cuda
