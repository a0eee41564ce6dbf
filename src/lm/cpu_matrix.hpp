// Part of cpu_kernels_body.hpp; see there.
#pragma once

#include "lm/cpu_vector.hpp"

namespace evoke::lm::cpu {

namespace {

// Vectors of a strip: its rows times vectors of accumulators stay in registers.
constexpr Int strip_vectors = width == 16 ? 4 : 2;
constexpr Int strip_rows = width == 16 ? 6 : 4;

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

/// Bit H of a vector's number changes places with bit H of the lane's number.
template <Int H>
void exchange(Vec (&v)[width]) {
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
template <class T>
void transpose_square(const T* from, Int from_stride, float* to, Int to_stride) {
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

/// to[depth, matrix_panel] = weight[columns, depth] transposed; absent columns become zeros.
template <class T>
void pack_panel(const T* weight, Int stride, Int columns, Int depth, float* to) {
    for (Int n = 0; n < matrix_panel; n += width) {
        Int k = 0;
        if (n + width <= columns)
            for (; k + width <= depth; k += width)
                transpose_square(weight + n * stride + k, stride, to + k * matrix_panel + n,
                                 matrix_panel);
        for (; k < depth; ++k)
            for (Int i = n; i < n + width; ++i)
                to[k * matrix_panel + i] = i < columns ? number(weight[i * stride + k]) : 0.0F;
    }
}

/// One panel of columns over some of the depth, for all rows of a task.
template <class T>
void multiply_panel(const MatrixTask& task, Int column, Int depth_begin, Int depth_end,
                    float* scratch) {
    float* packed = scratch;
    float* partial = scratch + matrix_depth * matrix_panel;
    const Int columns = smaller_of(matrix_panel, task.columns - column);
    const bool whole = columns == matrix_panel;
    float* y = task.y + column;
    const Int stride = whole ? task.y_stride : matrix_panel;
    if (!whole)
        for (Int row = 0; row < task.rows; ++row)
            for (Int i = 0; i < matrix_panel; ++i)
                partial[row * matrix_panel + i] = i < columns ? y[row * task.y_stride + i] : 0.0F;
    const T* weight = static_cast<const T*>(task.weight) + column * task.depth;
    for (Int k = depth_begin; k < depth_end; k += matrix_depth) {
        const Int some = smaller_of(matrix_depth, depth_end - k);
        pack_panel(weight + k, task.depth, columns, some, packed);
        multiply_add(task.x + k, task.depth, packed, matrix_panel, whole ? y : partial, stride,
                     task.rows, some, matrix_panel);
    }
    if (!whole)
        for (Int row = 0; row < task.rows; ++row)
            for (Int i = 0; i < columns; ++i)
                y[row * task.y_stride + i] = partial[row * matrix_panel + i];
}

// Each element is one chain of fused products in the order of depth, so its bits depend on its row
// and column alone, never on how many rows there are or how they are shared out.
template <class T>
void multiply(const MatrixTask& task, float* scratch) {
    const T* bias = static_cast<const T*>(task.bias);
    for (Int row = 0; row < task.rows; ++row)
        for (Int i = 0; i < task.columns; ++i)
            task.y[row * task.y_stride + i] = bias == nullptr ? 0.0F : number(bias[i]);
    for (Int k = 0; k < task.depth; k += matrix_outer_depth)
        for (Int column = 0; column < task.columns; column += matrix_panel)
            multiply_panel<T>(task, column, k, smaller_of(k + matrix_outer_depth, task.depth),
                              scratch);
}

}  // namespace

}  // namespace evoke::lm::cpu
