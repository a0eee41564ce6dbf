#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "lm/model_spec.hpp"

namespace evoke::lm::cuda {

/// Consecutive rows of queries and the run of keys that they see.
struct Sequence {
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
    std::int64_t first_key = 0;  ///< row of the store
    std::int64_t keys = 0;       ///< 0: these rows see nothing

    [[nodiscard]] std::int64_t end_row() const { return first_row + rows; }
};

/// One attention call over all rows of a query matrix.
struct PackedCall {
    std::vector<Sequence> sequences;  ///< cover the rows in order
    /// Query i of n sees keys up to keys - n + i, back to `back` before that; else all keys.
    bool causal = false;
    std::int64_t back = Reach::everything;
    /// [keys of the call] int64: rows of the store to read instead of the store; or undefined.
    at::Tensor gathered;

    /// The same for the device, int32: [n + 1] row where each sequence begins, and the last one's
    /// end; [n + 1] first key, whose last is not read; [n] number of keys.
    at::Tensor row_starts, key_starts, key_counts;
    std::int64_t most_rows = 0;  ///< of a sequence
    std::int64_t most_keys = 0;
};

/// Covers `rows` rows: those of no sequence get one without keys. Requires: `sequences` in order.
[[nodiscard]] PackedCall pack(const std::vector<Sequence>& sequences, std::int64_t rows);

/// Copies what the device needs of all calls to it at once.
void upload(std::vector<PackedCall>& calls, at::Device device);

}  // namespace evoke::lm::cuda
