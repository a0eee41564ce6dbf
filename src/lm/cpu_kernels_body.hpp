// Compiled once per instruction set, by a file that defines EVOKE_KERNELS (the table's name),
// EVOKE_KERNELS_NAME and EVOKE_VECTOR_FLOATS, with the compiler's options for that set. Products
// that are added are fused where the set can (-ffp-contract=fast for these files alone).
// No standard library here: an inline function compiled for a newer processor could be the copy
// that the linker keeps for the whole program.

#include "lm/cpu_kernels.hpp"

namespace evoke::lm::cpu {

namespace {

using Int = std::int64_t;

constexpr Int width = EVOKE_VECTOR_FLOATS;
typedef float Vec __attribute__((vector_size(width * 4)));
typedef std::int32_t IntVec __attribute__((vector_size(width * 4)));
typedef std::uint32_t UintVec __attribute__((vector_size(width * 4)));
typedef std::uint16_t HalfVec __attribute__((vector_size(width * 2)));

// Vectors of a strip: rows x strip accumulators stay in registers.
constexpr Int strip_vectors = width == 16 ? 4 : 2;
constexpr Int strip_rows = width == 16 ? 6 : 4;

Vec splat(float value) {
    return value - Vec{};
}

Vec load(const float* from) {
    Vec v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

Vec load(const BFloat16* from) {
    HalfVec half;
    __builtin_memcpy(&half, from, sizeof half);
    const UintVec bits = __builtin_convertvector(half, UintVec) << 16;
    Vec v;
    __builtin_memcpy(&v, &bits, sizeof v);
    return v;
}

void store(float* to, Vec v) {
    __builtin_memcpy(to, &v, sizeof v);
}

/// Rounds to nearest, ties to even; no number stays none.
void store(BFloat16* to, Vec v) {
    UintVec bits;
    __builtin_memcpy(&bits, &v, sizeof bits);
    const UintVec rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    const UintVec none = UintVec{} + 0x7fc0U;
    const HalfVec half = __builtin_convertvector(v == v ? rounded : none, HalfVec);
    __builtin_memcpy(to, &half, sizeof half);
}

/// The first `count` < width elements, then zeros.
template <class T>
Vec load_part(const T* from, Int count) {
    T part[width] = {};
    for (Int i = 0; i < count; ++i) part[i] = from[i];
    return load(part);
}

template <class T>
void store_part(T* to, Vec v, Int count) {
    T part[width];
    store(part, v);
    for (Int i = 0; i < count; ++i) to[i] = part[i];
}

float fold_sum(Vec v) {
    float lane[width];
    store(lane, v);
    for (Int half = width / 2; half > 0; half /= 2)
        for (Int i = 0; i < half; ++i) lane[i] += lane[i + half];
    return lane[0];
}

float fold_max(Vec v) {
    float lane[width];
    store(lane, v);
    for (Int half = width / 2; half > 0; half /= 2)
        for (Int i = 0; i < half; ++i)
            lane[i] = lane[i] > lane[i + half] ? lane[i] : lane[i + half];
    return lane[0];
}

Vec larger(Vec a, Vec b) {
    return a > b ? a : b;
}

/// exp for arguments <= 0 (below -87: e^-87, about 1e-38) within 1.5 units in the last place;
/// exp(0) is 1. The polynomial is the Taylor series to degree 7 on |x| <= ln(2)/2.
Vec exp_negative(Vec x) {
    x = larger(x, splat(-87.0F));
    const Vec shift = splat(12582912.0F);  // 1.5 * 2^23: adding it rounds to an integer
    const Vec n = (x * 1.44269504F + shift) - shift;
    Vec r = x - n * 0.693359375F;
    r = r - n * -2.12194440e-4F;
    Vec p = splat(1.0F / 5040.0F);
    p = p * r + 1.0F / 720.0F;
    p = p * r + 1.0F / 120.0F;
    p = p * r + 1.0F / 24.0F;
    p = p * r + 1.0F / 6.0F;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    const IntVec exponent = (__builtin_convertvector(n, IntVec) + 127) << 23;
    Vec power;
    __builtin_memcpy(&power, &exponent, sizeof power);
    return p * power;
}

/// c[R, N vectors] (+)= a[R, depth] * b[depth, N vectors]; each element adds in the order of depth.
template <Int R, Int N>
void multiply_strip(const float* a, Int a_stride, const float* b, Int b_stride, float* c,
                    Int c_stride, Int depth) {
    Vec sum[R][N];
#pragma GCC unroll 8
    for (Int r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (Int n = 0; n < N; ++n) sum[r][n] = load(c + r * c_stride + n * width);
    for (Int k = 0; k < depth; ++k) {
        Vec right[N];
#pragma GCC unroll 4
        for (Int n = 0; n < N; ++n) right[n] = load(b + k * b_stride + n * width);
#pragma GCC unroll 8
        for (Int r = 0; r < R; ++r) {
            const Vec left = splat(a[r * a_stride + k]);
#pragma GCC unroll 4
            for (Int n = 0; n < N; ++n) sum[r][n] += left * right[n];
        }
    }
#pragma GCC unroll 8
    for (Int r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (Int n = 0; n < N; ++n) store(c + r * c_stride + n * width, sum[r][n]);
}

template <Int R>
void multiply_rows(const float* a, Int a_stride, const float* b, Int b_stride, float* c,
                   Int c_stride, Int depth, Int columns) {
    constexpr Int strip = strip_vectors * width;
    Int column = 0;
    for (; column + strip <= columns; column += strip)
        multiply_strip<R, strip_vectors>(a, a_stride, b + column, b_stride, c + column, c_stride,
                                         depth);
    for (; column < columns; column += width)
        multiply_strip<R, 1>(a, a_stride, b + column, b_stride, c + column, c_stride, depth);
}

/// c[rows, columns] += a[rows, depth] * b[depth, columns]. Requires: columns % width == 0.
void multiply_add(const float* a, Int a_stride, const float* b, Int b_stride, float* c,
                  Int c_stride, Int rows, Int depth, Int columns) {
    Int row = 0;
    for (; row + strip_rows <= rows; row += strip_rows)
        multiply_rows<strip_rows>(a + row * a_stride, a_stride, b, b_stride, c + row * c_stride,
                                  c_stride, depth, columns);
    a += row * a_stride;
    c += row * c_stride;
    switch (rows - row) {
        case 5:
            return multiply_rows<5>(a, a_stride, b, b_stride, c, c_stride, depth, columns);
        case 4:
            return multiply_rows<4>(a, a_stride, b, b_stride, c, c_stride, depth, columns);
        case 3:
            return multiply_rows<3>(a, a_stride, b, b_stride, c, c_stride, depth, columns);
        case 2:
            return multiply_rows<2>(a, a_stride, b, b_stride, c, c_stride, depth, columns);
        case 1:
            return multiply_rows<1>(a, a_stride, b, b_stride, c, c_stride, depth, columns);
        default:
            return;
    }
}

/// Softmax over the keys seen so far: running maximum, running sum and weighted values per row.
struct RunningSoftmax {
    float maximum[tile_rows];
    Vec sum[tile_rows];
};

/// Turns the scores of a block into weights, [key_block], of which the first `visible` count.
/// `weighted` is the row's values so far, [columns].
void weigh_block(float* scores, Int visible, RunningSoftmax& running, Int row, float* weighted,
                 Int columns) {
    const Vec lowest = splat(-__builtin_inff());
    IntVec lane;
    for (Int i = 0; i < width; ++i) lane[i] = static_cast<std::int32_t>(i);
    Vec score[key_block / width];
    Vec top = splat(running.maximum[row]);
    for (Int n = 0; n < key_block / width; ++n) {
        const IntVec left = IntVec{} + static_cast<std::int32_t>(visible - n * width);
        score[n] = lane < left ? load(scores + n * width) : lowest;
        top = larger(top, score[n]);
    }
    const float maximum = fold_max(top);
    const Vec decay = exp_negative(splat(running.maximum[row]) - maximum);
    Vec sum = running.sum[row] * decay;
    for (Int n = 0; n < key_block / width; ++n) {
        const IntVec left = IntVec{} + static_cast<std::int32_t>(visible - n * width);
        const Vec weight = lane < left ? exp_negative(score[n] - maximum) : Vec{};
        store(scores + n * width, weight);
        sum += weight;
    }
    if (maximum != running.maximum[row])
        for (Int i = 0; i < columns; i += width) store(weighted + i, load(weighted + i) * decay);
    running.maximum[row] = maximum;
    running.sum[row] = sum;
}

Int smaller_of(Int a, Int b) {
    return a < b ? a : b;
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

    const Int end = position[tile.rows - 1] + 1;
    Int first_segment = 0;
    for (Int block = 0; block < end; block += key_block) {
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
            weigh_block(scores + r * key_block, position[r] + 1 - block, running, r,
                        weighted + r * columns, columns);
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

template <class T>
void add(float* hidden, const T* delta, Int size) {
    Int i = 0;
    for (; i + width <= size; i += width) store(hidden + i, load(hidden + i) + load(delta + i));
    if (i < size)
        store_part(hidden + i, load_part(hidden + i, size - i) + load_part(delta + i, size - i),
                   size - i);
}

template <class T>
void add_norm(float* hidden, const T* delta, const float* weight, float epsilon, Int size, T* out) {
    if (delta != nullptr) add(hidden, delta, size);
    Vec sum[2] = {Vec{}, Vec{}};
    Int i = 0;
    for (; i + 2 * width <= size; i += 2 * width) {
        const Vec a = load(hidden + i);
        const Vec b = load(hidden + i + width);
        sum[0] += a * a;
        sum[1] += b * b;
    }
    for (; i < size; i += width) {
        const Vec a = i + width <= size ? load(hidden + i) : load_part(hidden + i, size - i);
        sum[0] += a * a;
    }
    const float mean = fold_sum(sum[0] + sum[1]) / static_cast<float>(size);
    const Vec scale = splat(1.0F / __builtin_sqrtf(mean + epsilon));
    for (i = 0; i + width <= size; i += width)
        store(out + i, load(hidden + i) * scale * load(weight + i));
    if (i < size)
        store_part(out + i,
                   load_part(hidden + i, size - i) * scale * load_part(weight + i, size - i),
                   size - i);
}

/// x / (1 + e^-x), from the side where the exponential is at most 1.
Vec silu(Vec x) {
    const Vec e = exp_negative(x < Vec{} ? x : -x);
    return x * (x < Vec{} ? e : splat(1.0F)) / (e + 1.0F);
}

template <class T>
void gate(const T* gates, const T* up, Int size, T* out) {
    Int i = 0;
    for (; i + width <= size; i += width) store(out + i, silu(load(gates + i)) * load(up + i));
    if (i < size)
        store_part(out + i, silu(load_part(gates + i, size - i)) * load_part(up + i, size - i),
                   size - i);
}

float number(float value) {
    return value;
}

float number(BFloat16 value) {
    const std::uint32_t bits = static_cast<std::uint32_t>(value.bits) << 16U;
    float result;
    __builtin_memcpy(&result, &bits, sizeof result);
    return result;
}

struct RotatedPair {
    float low, high;
};

RotatedPair rotate(float low, float high, float cosine, float sine) {
    return {low * cosine - high * sine, high * cosine + low * sine};
}

template <class T>
void rotate_query(const T* query, const HeadShape& shape, const float* cosines, const float* sines,
                  float scale, float* out) {
    const Int pairs = shape.rotated_pairs;
    for (Int head = 0; head < shape.heads; ++head) {
        const T* from = query + head * shape.head_dim;
        float* to = out + head * shape.head_dim;
        for (Int i = 0; i < pairs; ++i) {
            const RotatedPair turned =
                rotate(number(from[i]), number(from[i + pairs]), cosines[i], sines[i]);
            to[i] = turned.low * scale;
            to[i + pairs] = turned.high * scale;
        }
        for (Int i = 2 * pairs; i < shape.head_dim; ++i) to[i] = number(from[i]) * scale;
    }
}

template <class T>
void store_states(const T* key, const T* value, const HeadShape& shape, const float* cosines,
                  const float* sines, const StateSlot& slot) {
    const Int dim = shape.head_dim;
    const Int pairs = shape.rotated_pairs;
    const Int block = slot.position / key_block - slot.first / key_block;
    const Int lane = slot.position % key_block;
    const Int columns = padded_values(dim);
    for (Int head = 0; head < shape.key_value_heads; ++head) {
        float* keys = slot.keys + head * slot.key_head_stride + block * dim * key_block + lane;
        const T* from = key + head * dim;
        for (Int i = 0; i < pairs; ++i) {
            const RotatedPair turned =
                rotate(number(from[i]), number(from[i + pairs]), cosines[i], sines[i]);
            keys[i * key_block] = turned.low;
            keys[(i + pairs) * key_block] = turned.high;
        }
        for (Int i = 2 * pairs; i < dim; ++i) keys[i * key_block] = number(from[i]);

        float* values =
            slot.values + head * slot.value_head_stride + (slot.position - slot.first) * columns;
        for (Int i = 0; i < dim; ++i) values[i] = number(value[head * dim + i]);
        for (Int i = dim; i < columns; ++i) values[i] = 0.0F;
    }
}

LogitStats logit_stats(const float* logits, Int size) {
    LogitStats stats{logits[0], 0, 0.0F};
    Vec top = splat(logits[0]);
    Int i = 0;
    for (; i + width <= size; i += width) top = larger(top, load(logits + i));
    stats.maximum = fold_max(top);
    for (; i < size; ++i) stats.maximum = logits[i] > stats.maximum ? logits[i] : stats.maximum;
    while (stats.place + 1 < size && logits[stats.place] < stats.maximum) ++stats.place;
    Vec sum{};
    for (i = 0; i + width <= size; i += width)
        sum += exp_negative(load(logits + i) - stats.maximum);
    float rest = 0.0F;
    for (; i < size; ++i) rest += exp_negative(splat(logits[i] - stats.maximum))[0];
    stats.sum = fold_sum(sum) + rest;
    return stats;
}

template <class T>
constexpr Typed<T> typed_kernels() {
    return {.attend = attend<T>,
            .add_norm = add_norm<T>,
            .add = add<T>,
            .gate = gate<T>,
            .rotate_query = rotate_query<T>,
            .store = store_states<T>};
}

}  // namespace

extern const Kernels EVOKE_KERNELS;
const Kernels EVOKE_KERNELS{.name = EVOKE_KERNELS_NAME,
                            .float32 = typed_kernels<float>(),
                            .bfloat16 = typed_kernels<BFloat16>(),
                            .logit_stats = logit_stats};

}  // namespace evoke::lm::cpu
