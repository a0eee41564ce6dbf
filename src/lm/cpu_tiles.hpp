#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lm/backend.hpp"

namespace evoke::lm {

/// Some (query, head) rows of a run: row r is query (first_row + r) / group of the run, head
/// (first_row + r) % group of those that share a key-value head.
struct TileMember {
    const QueryRun* run;
    std::int64_t first_row, rows;
};

/// Rows that attend together. All of them share the first states of their texts, and their loads of
/// those keys; then each member goes through the rest of its own.
struct AttendTile {
    std::vector<TileMember> members;
    std::size_t shared_states = 0;
    std::int64_t shared_end = 0;  ///< position, a multiple of the kernels' block; 0: nothing shared
};

struct TileShape {
    std::int64_t group;            ///< heads that share a key-value head
    std::int64_t key_value_heads;  ///< each of which takes all tiles
    std::int64_t threads;          ///< to keep busy
};

/// Cuts the rows of all runs into tiles. Which tile a row is in shows in its speed alone.
[[nodiscard]] std::vector<AttendTile> cut_into_tiles(std::span<const QueryRun> runs,
                                                     std::span<const Span> spans,
                                                     const TileShape& shape);

}  // namespace evoke::lm
