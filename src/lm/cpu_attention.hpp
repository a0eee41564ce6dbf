// Part of cpu_kernels_body.hpp; see there.
#pragma once

#include "lm/cpu_matrix.hpp"

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

template <class T>
void attend(const AttentionTile& tile, float* scratch) {
    const Int dim = tile.head_dim;
    const Int columns = padded_values(dim);
    float* queries = scratch;
    float* scores = queries + tile_rows * dim;
    float* weighted = scores + tile_rows * key_block;

    Int position[tile_rows];
    RunningSoftmax running;
    for (Int r = 0; r < tile.rows; ++r) {
        const Int query = (tile.first_row + r) / tile.group;
        const Int head = (tile.first_row + r) % tile.group;
        position[r] = tile.position + query;
        running.maximum[r] = -__builtin_inff();
        running.sum[r] = Vec{};
        const float* from = tile.queries + query * tile.query_stride + head * dim;
        for (Int i = 0; i < dim; ++i) queries[r * dim + i] = from[i];
    }
    for (Int i = 0; i < tile.rows * columns; ++i) weighted[i] = 0.0F;

    const Int stored = tile.segments[tile.segment_count - 1].end;
    const Int end = smaller_of(position[tile.rows - 1] + tile.ahead + 1, stored);
    const Int start = larger_of(position[0] - tile.back, 0) / key_block * key_block;
    Int first_segment = 0;
    for (Int block = start; block < end; block += key_block) {
        const Int block_end = smaller_of(block + key_block, end);
        while (tile.segments[first_segment].end <= block) ++first_segment;
        for (Int i = 0; i < tile.rows * key_block; ++i) scores[i] = 0.0F;
        // Lanes of other segments hold zeros, so the parts of a block add up to its scores.
        for (Int s = first_segment; s < tile.segment_count; ++s) {
            const SegmentView& segment = tile.segments[s];
            if (segment.first >= block_end) break;
            const Int number = block / key_block - segment.first / key_block;
            multiply_add(queries, dim, segment.keys + number * dim * key_block, key_block, scores,
                         key_block, tile.rows, dim, key_block);
        }
        for (Int r = 0; r < tile.rows; ++r)
            weigh_block(scores + r * key_block,
                        {.first = position[r] - tile.back - block,
                         .end = smaller_of(position[r] + tile.ahead + 1, end) - block},
                        tile.soft_cap, running, r, weighted + r * columns, columns);
        for (Int s = first_segment; s < tile.segment_count; ++s) {
            const SegmentView& segment = tile.segments[s];
            if (segment.first >= block_end) break;
            const Int from = segment.first > block ? segment.first : block;
            const Int to = smaller_of(segment.end, block_end);
            multiply_add(scores + (from - block), key_block,
                         segment.values + (from - segment.first) * columns, columns, weighted,
                         columns, tile.rows, to - from, columns);
        }
    }
    for (Int r = 0; r < tile.rows; ++r) {
        const Int query = (tile.first_row + r) / tile.group;
        const Int head = (tile.first_row + r) % tile.group;
        T* out = static_cast<T*>(tile.out) + query * tile.out_stride + head * dim;
        const Vec inverse = splat(1.0F / fold_sum(running.sum[r]));
        Int i = 0;
        for (; i + width <= dim; i += width)
            store(out + i, load(weighted + r * columns + i) * inverse);
        if (i < dim) store_part(out + i, load(weighted + r * columns + i) * inverse, dim - i);
    }
}

}  // namespace

}  // namespace evoke::lm::cpu
