#include "lm/cpu_product.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "lm/cpu_kernels.hpp"

namespace evoke::lm {

namespace {

/// Rows and columns of a task are multiples of this (but for the last ones): whole panels and
/// strips for every instruction set.
constexpr std::int64_t row_step = 32;
constexpr std::int64_t column_step = cpu::matrix_columns;

std::int64_t divided_up(std::int64_t count, std::int64_t size) {
    return (count + size - 1) / size;
}

/// How a product is cut into tasks of about equal size, some for each thread.
struct Cut {
    std::int64_t rows, columns;  ///< of a task
    std::int64_t row_tasks, column_tasks;

    Cut(std::int64_t all_rows, std::int64_t all_columns, std::int64_t threads) {
        // Few rows: each thread takes all of them through some of the weights, which are then read
        // once. Many rows: each takes some rows through all weights, and rearranges those alone.
        const std::int64_t fewest = divided_up(all_rows, cpu::matrix_rows);
        const bool by_rows = all_rows > cpu::matrix_rows;
        const std::int64_t blocks = by_rows ? divided_up(fewest, threads) * threads : 1;
        rows = divided_up(divided_up(all_rows, blocks), row_step) * row_step;
        row_tasks = divided_up(all_rows, rows);
        columns = by_rows ? all_columns
                          : divided_up(divided_up(all_columns, threads), column_step) * column_step;
        column_tasks = divided_up(all_columns, columns);
    }
};

/// Element `index` of a matrix without naming its type.
const void* at_element(const at::Tensor& tensor, std::int64_t index) {
    return static_cast<const char*>(tensor.const_data_ptr()) +
           index * static_cast<std::int64_t>(tensor.element_size());
}

template <class T>
auto kernel_of(const at::Tensor& x, const at::Tensor& y) {
    const cpu::Typed<T>& kernels = cpu::kernels().typed<T>();
    return y.scalar_type() == x.scalar_type() ? kernels.multiply : kernels.multiply_wide;
}

}  // namespace

void cpu_product(const at::Tensor& x, const Linear& layer, const at::Tensor& y) {
    const auto multiply =
        x.scalar_type() == at::kBFloat16 ? kernel_of<cpu::BFloat16>(x, y) : kernel_of<float>(x, y);
    const std::int64_t rows = x.size(0);
    const std::int64_t depth = x.size(1);
    const std::int64_t columns = y.size(1);
    const Cut cut{rows, columns, at::get_num_threads()};
    at::parallel_for(
        0, cut.row_tasks * cut.column_tasks, 1, [&](std::int64_t begin, std::int64_t end) {
            // Kept by each thread, for the reason that MemoryPool gives.
            thread_local std::vector<float> scratch;
            const auto needed = static_cast<std::size_t>(cpu::matrix_scratch(depth));
            if (scratch.size() < needed) scratch.resize(needed);
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t row = i / cut.column_tasks * cut.rows;
                const std::int64_t column = i % cut.column_tasks * cut.columns;
                multiply({.x = at_element(x, row * depth),
                          .weight = at_element(layer.weight, column * depth),
                          .bias = layer.bias.defined() ? at_element(layer.bias, column) : nullptr,
                          .y = const_cast<void*>(at_element(y, row * columns + column)),
                          .y_stride = columns,
                          .rows = std::min(cut.rows, rows - row),
                          .columns = std::min(cut.columns, columns - column),
                          .depth = depth},
                         scratch.data());
            }
        });
}

}  // namespace evoke::lm
