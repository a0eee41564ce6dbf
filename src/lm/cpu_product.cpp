#include "lm/cpu_product.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "lm/aligned_floats.hpp"
#include "lm/cpu_kernels.hpp"
#include "lm/share_out.hpp"

namespace evoke::lm {

namespace {

/// Rows and columns of a task are multiples of this (but for the last ones): whole panels and
/// strips for every instruction set.
constexpr std::int64_t row_step = 32;
constexpr std::int64_t column_step = cpu::matrix_columns;
/// Tasks for each thread, about.
constexpr std::int64_t tasks_each = 8;

std::int64_t divided_up(std::int64_t count, std::int64_t size) {
    return (count + size - 1) / size;
}

/// Some columns of one product.
struct Columns {
    std::size_t layer;
    std::int64_t first, count;
};

template <class T>
class Products {
public:
    Products(const at::Tensor& x, std::span<const Linear* const> layers,
             std::span<const at::Tensor> ys)
        : x_{x}, layers_{layers}, ys_{ys}, rows_{x.size(0)}, depth_{x.size(1)} {}

    /// Many rows: each task takes some of them through all weights, and packs those alone.
    void by_rows() const {
        const std::int64_t threads = at::get_num_threads();
        const std::int64_t tasks =
            divided_up(divided_up(rows_, cpu::matrix_rows), threads) * threads;
        const std::int64_t each = divided_up(divided_up(rows_, tasks), row_step) * row_step;
        share_out(divided_up(rows_, each), [&] {
            return [&, scratch = Scratch{depth_}](std::int64_t task) {
                const std::int64_t first = task * each;
                const std::int64_t rows = std::min(each, rows_ - first);
                pack(first, rows, scratch);
                for (std::size_t i = 0; i < layers_.size(); ++i)
                    multiply(first, rows, {i, 0, ys_[i].size(1)}, scratch);
            };
        });
    }

    /// Few rows: each task takes all of them through some of the weights, which are read once.
    void by_columns() const {
        std::int64_t all = 0;
        for (const at::Tensor& y : ys_) all += y.size(1);
        const std::int64_t wanted = divided_up(all, at::get_num_threads() * tasks_each);
        const std::int64_t each = divided_up(wanted, column_step) * column_step;
        std::vector<Columns> tasks;
        for (std::size_t i = 0; i < ys_.size(); ++i)
            for (std::int64_t first = 0; first < ys_[i].size(1); first += each)
                tasks.push_back({i, first, std::min(each, ys_[i].size(1) - first)});
        share_out(static_cast<std::int64_t>(tasks.size()), [&] {
            const Scratch scratch{depth_};
            pack(0, rows_, scratch);
            return [&, scratch](std::int64_t task) {
                multiply(0, rows_, tasks[static_cast<std::size_t>(task)], scratch);
            };
        });
    }

private:
    /// Kept by each thread, for the reason that MemoryPool gives.
    struct Scratch {
        explicit Scratch(std::int64_t depth) {
            thread_local AlignedFloats memory;
            memory.reach(static_cast<std::size_t>(cpu::packed_size(depth) + cpu::matrix_scratch));
            sums = memory.data();
            packed = sums + cpu::matrix_scratch;
        }
        float* packed;
        float* sums;
    };

    void pack(std::int64_t first, std::int64_t rows, const Scratch& scratch) const {
        kernels_.pack(static_cast<const T*>(x_.const_data_ptr()) + first * depth_, rows, depth_,
                      scratch.packed);
    }

    void multiply(std::int64_t first_row, std::int64_t rows, const Columns& columns,
                  const Scratch& scratch) const {
        const Linear& layer = *layers_[columns.layer];
        const at::Tensor& y = ys_[columns.layer];
        const bool rounded = y.scalar_type() == x_.scalar_type();
        const std::int64_t stride = y.size(1);
        const std::int64_t place = first_row * stride + columns.first;
        const auto size = static_cast<std::int64_t>(y.element_size());
        const auto* bias =
            layer.bias.defined() ? static_cast<const T*>(layer.bias.const_data_ptr()) : nullptr;
        const cpu::MatrixTask task{
            .packed = scratch.packed,
            .weight = static_cast<const T*>(layer.weight.const_data_ptr()) + columns.first * depth_,
            .bias = bias == nullptr ? nullptr : bias + columns.first,
            .y = static_cast<char*>(y.mutable_data_ptr()) + place * size,
            .y_stride = stride,
            .rows = rows,
            .columns = columns.count,
            .depth = depth_};
        (rounded ? kernels_.multiply : kernels_.multiply_wide)(task, scratch.sums);
    }

    const at::Tensor& x_;
    std::span<const Linear* const> layers_;
    std::span<const at::Tensor> ys_;
    std::int64_t rows_;
    std::int64_t depth_;
    const cpu::Typed<T>& kernels_ = cpu::kernels().typed<T>();
};

template <class T>
void run(const at::Tensor& x, std::span<const Linear* const> layers,
         std::span<const at::Tensor> ys) {
    const Products<T> products{x, layers, ys};
    if (x.size(0) > cpu::matrix_rows)
        products.by_rows();
    else
        products.by_columns();
}

}  // namespace

void cpu_products(const at::Tensor& x, std::span<const Linear* const> layers,
                  std::span<const at::Tensor> ys) {
    if (x.scalar_type() == at::kBFloat16)
        run<cpu::BFloat16>(x, layers, ys);
    else
        run<float>(x, layers, ys);
}

}  // namespace evoke::lm
