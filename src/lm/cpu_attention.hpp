// Part of cpu_kernels_body.hpp; see there.
#pragma once

#include "lm/cpu_matrix.hpp"
#include "lm/cpu_rows.hpp"

namespace evoke::lm::cpu {

namespace {

/// Softmax over the keys seen so far: running maximum, running sum and weighted values per row.
struct RunningSoftmax {
    float maximum[tile_rows];
    Vec sum[tile_rows];
};

/// Positions that a row sees, counted from the start of a block.
struct Visible {
    Int first;
    Int end;
};

/// Turns the scores of a block into weights, [key_block], of which the visible ones count.
/// `weighted` is the row's values so far, [columns].
void weigh_block(float* scores, const Visible& visible, float soft_cap, RunningSoftmax& running,
                 Int row, float* weighted, Int columns) {
    if (visible.end <= 0 || visible.first >= key_block) {
        for (Int n = 0; n < key_block; n += width) store(scores + n, Vec{});
        return;
    }
    const Vec lowest = splat(-__builtin_inff());
    IntVec lane;
    for (Int i = 0; i < width; ++i) lane[i] = static_cast<std::int32_t>(i);
    const auto shown = [&](Int n) {
        // Bounded first: a reach may be wider than 32 bits.
        const Int first = larger_of(visible.first, 0);
        const Int end = smaller_of(visible.end, key_block);
        const IntVec at = lane + static_cast<std::int32_t>(n * width);
        return (at >= IntVec{} + static_cast<std::int32_t>(first)) &
               (at < IntVec{} + static_cast<std::int32_t>(end));
    };
    Vec score[key_block / width];
    Vec top = splat(running.maximum[row]);
    for (Int n = 0; n < key_block / width; ++n) {
        Vec plain = load(scores + n * width);
        if (soft_cap != 0.0F) plain = tanh_of(plain / soft_cap) * soft_cap;
        score[n] = shown(n) ? plain : lowest;
        top = larger(top, score[n]);
    }
    const float maximum = fold_max(top);
    const Vec decay = exp_negative(splat(running.maximum[row]) - maximum);
    Vec sum = running.sum[row] * decay;
    for (Int n = 0; n < key_block / width; ++n) {
        const Vec weight = shown(n) ? exp_negative(score[n] - maximum) : Vec{};
        store(scores + n * width, weight);
        sum += weight;
    }
    if (maximum != running.maximum[row])
        for (Int i = 0; i < columns; i += width) store(weighted + i, load(weighted + i) * decay);
    running.maximum[row] = maximum;
    running.sum[row] = sum;
}

/// What a tile computes with, by row.
struct TileMemory {
    float* queries;   ///< [head_dim]
    float* scores;    ///< [key_block]
    float* weighted;  ///< [columns]
    RunningSoftmax running;
};

void attend_part(const AttentionTile& tile, const AttentionPart& part, TileMemory& memory) {
    const Int dim = tile.head_dim;
    const Int columns = padded_values(dim);
    const SegmentView* segments = tile.segments + part.first_segment;
    const float* queries = memory.queries + part.first_row * dim;
    float* scores = memory.scores + part.first_row * key_block;
    float* weighted = memory.weighted + part.first_row * columns;
    Int first_segment = 0;
    for (Int block = part.begin; block < part.end; block += key_block) {
        const Int block_end = smaller_of(block + key_block, part.end);
        while (segments[first_segment].end <= block) ++first_segment;
        for (Int i = 0; i < part.rows * key_block; ++i) scores[i] = 0.0F;
        // Lanes of other segments hold zeros, so the parts of a block add up to its scores.
        for (Int s = first_segment; s < part.segments; ++s) {
            const SegmentView& segment = segments[s];
            if (segment.first >= block_end) break;
            const Int number = block / key_block - segment.first / key_block;
            multiply_add(queries, dim, segment.keys + number * dim * key_block, key_block, scores,
                         key_block, part.rows, dim, key_block);
        }
        for (Int r = 0; r < part.rows; ++r) {
            const Int row = part.first_row + r;
            const Int position = tile.rows[row].position;
            weigh_block(scores + r * key_block,
                        {.first = position - tile.back - block,
                         .end = smaller_of(position + tile.ahead + 1, part.end) - block},
                        tile.soft_cap, memory.running, row, weighted + r * columns, columns);
        }
        for (Int s = first_segment; s < part.segments; ++s) {
            const SegmentView& segment = segments[s];
            if (segment.first >= block_end) break;
            const Int from = segment.first > block ? segment.first : block;
            const Int to = smaller_of(segment.end, block_end);
            multiply_add(scores + (from - block), key_block,
                         segment.values + (from - segment.first) * columns, columns, weighted,
                         columns, part.rows, to - from, columns);
        }
    }
}

template <class T>
void attend(const AttentionTile& tile, float* scratch) {
    const Int dim = tile.head_dim;
    const Int columns = padded_values(dim);
    TileMemory memory;
    memory.queries = scratch;
    memory.scores = memory.queries + tile_rows * dim;
    memory.weighted = memory.scores + tile_rows * key_block;
    for (Int r = 0; r < tile.row_count; ++r) {
        rotate_query<T>(tile.rows[r], dim, tile.rotated_pairs, memory.queries + r * dim);
        memory.running.maximum[r] = -__builtin_inff();
        memory.running.sum[r] = Vec{};
    }
    for (Int i = 0; i < tile.row_count * columns; ++i) memory.weighted[i] = 0.0F;
    for (Int p = 0; p < tile.part_count; ++p) attend_part(tile, tile.parts[p], memory);
    for (Int r = 0; r < tile.row_count; ++r) {
        T* out = static_cast<T*>(tile.rows[r].out);
        const float* weighted = memory.weighted + r * columns;
        const Vec inverse = splat(1.0F / fold_sum(memory.running.sum[r]));
        Int i = 0;
        for (; i + width <= dim; i += width) store(out + i, load(weighted + i) * inverse);
        if (i < dim) store_part(out + i, load(weighted + i) * inverse, dim - i);
    }
}

}  // namespace

}  // namespace evoke::lm::cpu
