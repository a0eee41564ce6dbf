// Part of cpu_kernels_body.hpp; see there.
#pragma once

#include "lm/cpu_vector.hpp"

namespace evoke::lm::cpu {

namespace {

// Vectors of a strip: its rows times vectors of accumulators stay in registers.
constexpr Int strip_vectors = width == 16 ? 4 : 2;
constexpr Int strip_rows = 6;
// A strip of one or two rows takes more vectors, so that its additions do not wait for each other;
// no more than a block of keys has, or it would be cut into single ones.
constexpr Int long_vectors = width == 16 ? key_block / width : 8;

/// c[R, N vectors] (+)= a[R, depth] * b[depth, N vectors]; each element adds in the order of depth.
template <Int R, Int N>
void multiply_strip(const float* a, Int a_stride, const float* b, Int b_stride, float* c,
                    Int c_stride, Int depth) {
    Vec sum[R][N];
#pragma GCC unroll 8
    for (Int r = 0; r < R; ++r)
#pragma GCC unroll 8
        for (Int n = 0; n < N; ++n) sum[r][n] = load(c + r * c_stride + n * width);
    for (Int k = 0; k < depth; ++k) {
        Vec right[N];
#pragma GCC unroll 8
        for (Int n = 0; n < N; ++n) right[n] = load(b + k * b_stride + n * width);
#pragma GCC unroll 8
        for (Int r = 0; r < R; ++r) {
            const Vec left = splat(a[r * a_stride + k]);
#pragma GCC unroll 8
            for (Int n = 0; n < N; ++n) sum[r][n] += left * right[n];
        }
    }
#pragma GCC unroll 8
    for (Int r = 0; r < R; ++r)
#pragma GCC unroll 8
        for (Int n = 0; n < N; ++n) store(c + r * c_stride + n * width, sum[r][n]);
}

template <Int R>
void multiply_rows(const float* a, Int a_stride, const float* b, Int b_stride, float* c,
                   Int c_stride, Int depth, Int columns) {
    constexpr Int vectors = R > 2 ? strip_vectors : R == 2 ? 4 : long_vectors;
    constexpr Int strip = vectors * width;
    Int column = 0;
    for (; column + strip <= columns; column += strip)
        multiply_strip<R, vectors>(a, a_stride, b + column, b_stride, c + column, c_stride, depth);
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

/// Bit H of a vector's number changes places with bit H of the lane's number. Inlined, or the
/// vectors would pass through memory.
template <Int H>
[[gnu::always_inline]] inline void exchange(Vec (&v)[width]) {
    IntVec low;
    IntVec high;
    for (Int i = 0; i < width; ++i) {
        low[i] = static_cast<std::int32_t>((i & H) == 0 ? i : i - H + width);
        high[i] = static_cast<std::int32_t>((i & H) == 0 ? i + H : i + width);
    }
#pragma GCC unroll 16
    for (Int i = 0; i < width; ++i) {
        if ((i & H) != 0) continue;
        const Vec a = v[i];
        const Vec b = v[i + H];
        v[i] = __builtin_shuffle(a, b, low);
        v[i + H] = __builtin_shuffle(a, b, high);
    }
}

/// to[k][n] = from[n][k] for width x width elements.
template <class From, class To>
void transpose_square(const From* from, Int from_stride, To* to, Int to_stride) {
    Vec v[width];
#pragma GCC unroll 16
    for (Int i = 0; i < width; ++i) v[i] = load(from + i * from_stride);
    if constexpr (width > 8) exchange<8>(v);
    if constexpr (width > 4) exchange<4>(v);
    exchange<2>(v);
    exchange<1>(v);
#pragma GCC unroll 16
    for (Int i = 0; i < width; ++i) store(to + i * to_stride, v[i]);
}

// The weights' rows, as they lie in the file, meet a panel of rows of x, transposed so that a
// vector holds one depth of several rows: only x, which is small, is ever rearranged.
constexpr Int panel_vectors = 2;
constexpr Int panel_rows = panel_vectors * width;
static_assert(matrix_rows % panel_rows == 0);
// Weights' rows of one strip: times panel_vectors, the accumulators that stay in registers.
constexpr Int strip_weights = width == 16 ? 12 : 6;

/// sums[C, V vectors] += weight[C, depth] * panel[depth, V vectors], in the order of depth.
template <Int C, Int V>
void multiply_weights(const float* weight, Int stride, const float* panel, Int depth, float* sums) {
    Vec sum[C][V];
#pragma GCC unroll 16
    for (Int i = 0; i < C; ++i)
#pragma GCC unroll 2
        for (Int v = 0; v < V; ++v) sum[i][v] = load(sums + i * matrix_rows + v * width);
    for (Int k = 0; k < depth; ++k) {
        Vec right[V];
#pragma GCC unroll 2
        for (Int v = 0; v < V; ++v) right[v] = load(panel + k * panel_rows + v * width);
#pragma GCC unroll 16
        for (Int i = 0; i < C; ++i) {
            const Vec left = splat(weight[i * stride + k]);
#pragma GCC unroll 2
            for (Int v = 0; v < V; ++v) sum[i][v] += left * right[v];
        }
    }
#pragma GCC unroll 16
    for (Int i = 0; i < C; ++i)
#pragma GCC unroll 2
        for (Int v = 0; v < V; ++v) store(sums + i * matrix_rows + v * width, sum[i][v]);
}

/// As above for any number of weights' rows.
template <Int V>
void multiply_block(const float* weight, Int stride, Int count, const float* panel, Int depth,
                    float* sums) {
    Int i = 0;
    for (; i + strip_weights <= count; i += strip_weights)
        multiply_weights<strip_weights, V>(weight + i * stride, stride, panel, depth,
                                           sums + i * matrix_rows);
    for (; i + 4 <= count; i += 4)
        multiply_weights<4, V>(weight + i * stride, stride, panel, depth, sums + i * matrix_rows);
    for (; i < count; ++i)
        multiply_weights<1, V>(weight + i * stride, stride, panel, depth, sums + i * matrix_rows);
}

/// to[depth, panel_rows] = x[rows, depth] transposed; absent rows become zeros.
template <class T>
void pack_panel(const T* x, Int stride, Int rows, Int depth, float* to) {
    for (Int first = 0; first < panel_rows; first += width) {
        Int k = 0;
        if (first + width <= rows)
            for (; k + width <= depth; k += width)
                transpose_square(x + first * stride + k, stride, to + k * panel_rows + first,
                                 panel_rows);
        for (; k < depth; ++k)
            for (Int i = first; i < first + width; ++i)
                to[k * panel_rows + i] = i < rows ? number(x[i * stride + k]) : 0.0F;
    }
}

Int panels_of(Int rows) {
    return (rows + panel_rows - 1) / panel_rows;
}

/// packed: [depth blocks, panels, block's depth, panel_rows]
template <class T>
void pack_rows(const T* x, Int rows, Int depth, float* packed) {
    const Int panels = panels_of(rows);
    for (Int k = 0; k < depth; k += matrix_depth) {
        const Int block = smaller_of(matrix_depth, depth - k);
        for (Int panel = 0; panel < panels; ++panel) {
            const Int row = panel * panel_rows;
            pack_panel(x + row * depth + k, depth, smaller_of(panel_rows, rows - row), block,
                       packed + (k * panels + panel * block) * panel_rows);
        }
    }
}

/// The weights of a block as float32: themselves, or widened into `to`, with their stride.
inline const float* as_floats(const float* weight, Int /*count*/, Int /*depth*/, Int& /*stride*/,
                              float* /*to*/) {
    return weight;
}

inline const float* as_floats(const BFloat16* weight, Int count, Int depth, Int& stride,
                              float* to) {
    for (Int i = 0; i < count; ++i) {
        Int k = 0;
        for (; k + width <= depth; k += width)
            store(to + i * matrix_depth + k, load(weight + i * stride + k));
        for (; k < depth; ++k) to[i * matrix_depth + k] = number(weight[i * stride + k]);
    }
    stride = matrix_depth;
    return to;
}

/// y[rows, some columns] = sums[columns, rows] transposed.
template <class Y>
void write_sums(const MatrixTask& task, Int first_column, Int columns, const float* sums) {
    Y* y = static_cast<Y*>(task.y) + first_column;
    Int row = 0;
    for (; row + width <= task.rows; row += width) {
        Int i = 0;
        for (; i + width <= columns; i += width)
            transpose_square(sums + i * matrix_rows + row, matrix_rows, y + row * task.y_stride + i,
                             task.y_stride);
        for (; i < columns; ++i)
            for (Int r = row; r < row + width; ++r)
                assign(y[r * task.y_stride + i], sums[i * matrix_rows + r]);
    }
    for (; row < task.rows; ++row)
        for (Int i = 0; i < columns; ++i)
            assign(y[row * task.y_stride + i], sums[i * matrix_rows + row]);
}

// Each element is one chain of fused products in the order of depth, so its bits depend on its row
// and column alone, never on how many rows there are or how they are shared out.
template <class T, class Y>
void multiply(const MatrixTask& task, float* scratch) {
    const Int panels = panels_of(task.rows);
    float* sums = scratch;                                    // [matrix_columns, matrix_rows]
    float* widened = scratch + matrix_columns * matrix_rows;  // [matrix_columns, matrix_depth]
    const T* bias = static_cast<const T*>(task.bias);
    for (Int column = 0; column < task.columns; column += matrix_columns) {
        const Int columns = smaller_of(matrix_columns, task.columns - column);
        for (Int i = 0; i < columns; ++i) {
            const Vec start = splat(bias == nullptr ? 0.0F : number(bias[column + i]));
            for (Int row = 0; row < panels * panel_rows; row += width)
                store(sums + i * matrix_rows + row, start);
        }
        for (Int k = 0; k < task.depth; k += matrix_depth) {
            const Int depth = smaller_of(matrix_depth, task.depth - k);
            Int stride = task.depth;
            const float* weight =
                as_floats(static_cast<const T*>(task.weight) + column * task.depth + k, columns,
                          depth, stride, widened);
            for (Int panel = 0; panel < panels; ++panel) {
                const float* packed = task.packed + (k * panels + panel * depth) * panel_rows;
                float* own = sums + panel * panel_rows;
                if (task.rows - panel * panel_rows > width)
                    multiply_block<panel_vectors>(weight, stride, columns, packed, depth, own);
                else
                    multiply_block<1>(weight, stride, columns, packed, depth, own);
            }
        }
        write_sums<Y>(task, column, columns, sums);
    }
}

}  // namespace

}  // namespace evoke::lm::cpu
