#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
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
    /// Rows of the store to read instead of the store, unless empty.
    std::vector<std::int64_t> gather;

    /// The same for the device, int64: [keys of the call], or undefined.
    at::Tensor gathered;
    /// The sequences for the device, int32: [n + 1] row where each sequence begins, and the last
    /// one's end; [n + 1] first key, whose last is not read; [n] number of keys.
    at::Tensor row_starts, key_starts, key_counts;
    std::int64_t most_rows = 0;  ///< of a sequence, or more
    std::int64_t most_keys = 0;  ///< the same
};

/// Covers `rows` rows: those of no sequence get one without keys. Requires: `sequences` in order.
[[nodiscard]] PackedCall pack(const std::vector<Sequence>& sequences, std::int64_t rows);

/// Makes calls that differ in their numbers alike in all that a launch is shaped by: as many
/// sequences as rows, some of them empty, and sizes rounded up. No row sees other keys.
void fix_shape(PackedCall& call, std::int64_t rows);

/// Copies what the device needs of all calls to it at once.
void upload(std::vector<PackedCall>& calls, at::Device device);

/// Brings a tensor of the processor to a device. `number`: 0 for the sequences of all calls, then
/// one for each call that gathers.
using Carry = std::function<at::Tensor(std::size_t number, const at::Tensor& values)>;
void upload(std::vector<PackedCall>& calls, const Carry& carry);

}  // namespace evoke::lm::cuda
