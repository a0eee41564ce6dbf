#include "lm/cpu_kernels.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "unit/lm/kernel_cases.hpp"

namespace evoke::lm::cpu {
namespace {

/// Each instruction set that this machine runs.
class CpuKernels : public testing::TestWithParam<const Kernels*> {
protected:
    const Kernels& k = *GetParam();
};

struct Product {
    Int rows, columns, depth;
};

/// x * weightᵀ + bias through one task.
template <class T>
std::vector<float> product(const Kernels& k, const Product& size, const std::vector<T>& x,
                           const std::vector<T>& weight, const T* bias) {
    std::vector<float> y(static_cast<std::size_t>(size.rows * size.columns));
    std::vector<float> packed(static_cast<std::size_t>(packed_size(size.depth)));
    std::vector<float> scratch(matrix_scratch);
    k.typed<T>().pack(x.data(), size.rows, size.depth, packed.data());
    k.typed<T>().multiply_wide({.packed = packed.data(),
                                .weight = weight.data(),
                                .bias = bias,
                                .y = y.data(),
                                .y_stride = size.columns,
                                .rows = size.rows,
                                .columns = size.columns,
                                .depth = size.depth},
                               scratch.data());
    return y;
}

TEST_P(CpuKernels, products_of_any_size_are_right) {
    for (const Product size : {Product{1, 1, 1}, Product{7, 65, 129}, Product{13, 64, 700},
                               Product{128, 130, 46}, Product{6, 31, 515}}) {
        const auto x = noise(size.rows * size.depth, 1);
        const auto weight = noise(size.columns * size.depth, 2);
        const auto bias = noise(size.columns, 3);
        const auto y = product(k, size, x, weight, bias.data());
        for (Int row = 0; row < size.rows; ++row) {
            for (Int column = 0; column < size.columns; ++column) {
                double sum = bias[static_cast<std::size_t>(column)];
                double magnitude = std::abs(sum);
                for (Int i = 0; i < size.depth; ++i) {
                    const double term =
                        static_cast<double>(x[static_cast<std::size_t>(row * size.depth + i)]) *
                        weight[static_cast<std::size_t>(column * size.depth + i)];
                    sum += term;
                    magnitude += std::abs(term);
                }
                ASSERT_NEAR(y[static_cast<std::size_t>(row * size.columns + column)], sum,
                            1e-6 * magnitude);
            }
        }
    }
}

TEST_P(CpuKernels, a_row_of_a_product_has_the_same_bits_alone) {
    const Product size{29, 100, 333};
    const auto x = noise(size.rows * size.depth, 1);
    const auto weight = noise(size.columns * size.depth, 2);
    const auto whole = product<float>(k, size, x, weight, nullptr);
    for (Int row = 0; row < size.rows; ++row) {
        const std::vector<float> one{x.begin() + row * size.depth,
                                     x.begin() + (row + 1) * size.depth};
        const auto alone = product<float>(k, {1, size.columns, size.depth}, one, weight, nullptr);
        ASSERT_EQ(std::memcmp(alone.data(), whole.data() + row * size.columns,
                              alone.size() * sizeof(float)),
                  0);
    }
}

TEST_P(CpuKernels, products_of_bfloat16_are_those_of_their_values_rounded_once) {
    const Product size{41, 110, 300};
    std::vector<BFloat16> x;
    std::vector<float> same_x;
    for (const float value : noise(size.rows * size.depth, 1)) {
        x.push_back(cut(value));
        same_x.push_back(widened(x.back()));
    }
    std::vector<BFloat16> weight;
    std::vector<float> same;
    for (const float value : noise(size.columns * size.depth, 2)) {
        weight.push_back(cut(value));
        same.push_back(widened(weight.back()));
    }
    const auto wide = product<BFloat16>(k, size, x, weight, nullptr);
    EXPECT_EQ(wide, product<float>(k, size, same_x, same, nullptr));

    std::vector<BFloat16> rounded(wide.size());
    std::vector<float> packed(static_cast<std::size_t>(packed_size(size.depth)));
    std::vector<float> scratch(matrix_scratch);
    k.bfloat16.pack(x.data(), size.rows, size.depth, packed.data());
    k.bfloat16.multiply({.packed = packed.data(),
                         .weight = weight.data(),
                         .bias = nullptr,
                         .y = rounded.data(),
                         .y_stride = size.columns,
                         .rows = size.rows,
                         .columns = size.columns,
                         .depth = size.depth},
                        scratch.data());
    for (std::size_t i = 0; i < wide.size(); ++i)
        ASSERT_NEAR(widened(rounded[i]), wide[i], std::abs(wide[i]) / 256.0F) << i;
}

TEST_P(CpuKernels, add_norm_adds_and_scales_to_unit_mean_square) {
    for (const Int size : {1, 15, 64, 100}) {
        const auto count = static_cast<std::size_t>(size);
        std::vector<float> hidden = noise(size, 11);
        const std::vector<float> before = hidden;
        const auto delta = noise(size, 12);
        const auto weight = noise(size, 13);
        std::vector<float> out(count);
        k.float32.add_norm(hidden.data(), delta.data(), weight.data(), 1e-5F, size, out.data());
        double square = 0.0;
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(hidden[i], before[i] + delta[i]);
            square += static_cast<double>(hidden[i]) * hidden[i];
        }
        const double scale = 1.0 / std::sqrt(square / static_cast<double>(size) + 1e-5);
        for (std::size_t i = 0; i < count; ++i)
            ASSERT_NEAR(out[i], hidden[i] * scale * weight[i], 1e-6);
    }
}

double exact(Activation activation, double x) {
    switch (activation) {
        case Activation::silu:
            return x / (1.0 + std::exp(-x));
        case Activation::gelu:
            return 0.5 * x * (1.0 + std::erf(x / std::sqrt(2.0)));
        case Activation::gelu_tanh:
            return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
        case Activation::relu:
            return std::max(x, 0.0);
    }
    return 0.0;
}

TEST_P(CpuKernels, activations_over_the_whole_range_times_up_or_alone) {
    std::vector<float> gate;
    for (int i = -1000; i <= 1000; ++i) gate.push_back(static_cast<float>(i) * 0.11F);
    for (int i = -100; i <= 100; ++i) gate.push_back(static_cast<float>(i) * 0.0411F);
    const std::vector<float> up(gate.size(), 2.0F);
    const auto size = static_cast<Int>(gate.size());
    std::vector<float> out(gate.size());
    std::vector<float> alone(gate.size());
    for (const Activation activation :
         {Activation::silu, Activation::gelu, Activation::gelu_tanh, Activation::relu}) {
        k.float32.activate(activation, gate.data(), up.data(), size, out.data());
        k.float32.activate(activation, gate.data(), nullptr, size, alone.data());
        // Silu is exact to the last places; the others to a part of x.
        const double absolute = activation == Activation::silu ? 0.0 : 2e-7;
        for (std::size_t i = 0; i < gate.size(); ++i) {
            const double x = gate[i];
            const double expected = exact(activation, x);
            const double tolerance = 3e-7 * std::abs(expected) + absolute * std::abs(x) + 1e-35;
            ASSERT_NEAR(alone[i], expected, tolerance) << x;
            ASSERT_NEAR(out[i], 2.0 * expected, 2.0 * tolerance) << x;
        }
    }
}

TEST_P(CpuKernels, layer_norm_adds_normalises_and_shifts) {
    for (const Int size : {1, 15, 64, 100}) {
        const auto count = static_cast<std::size_t>(size);
        std::vector<float> hidden = noise(size, 21);
        for (float& value : hidden) value += 3.0F;
        const std::vector<float> before = hidden;
        const auto delta = noise(size, 22);
        const auto weight = noise(size, 23);
        const auto bias = noise(size, 24);
        std::vector<float> out(count);
        k.float32.add_layer_norm(hidden.data(), delta.data(), weight.data(), bias.data(), 1e-5F,
                                 size, out.data());
        double mean = 0.0;
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(hidden[i], before[i] + delta[i]);
            mean += static_cast<double>(hidden[i]) / static_cast<double>(size);
        }
        double variance = 0.0;
        for (const float value : hidden)
            variance += (value - mean) * (value - mean) / static_cast<double>(size);
        const double scale = 1.0 / std::sqrt(variance + 1e-5);
        for (std::size_t i = 0; i < count; ++i)
            ASSERT_NEAR(out[i], (hidden[i] - mean) * scale * weight[i] + bias[i], 3e-6) << size;
        k.float32.add_layer_norm(hidden.data(), nullptr, weight.data(), nullptr, 1e-5F, size,
                                 out.data());
        for (std::size_t i = 0; i < count; ++i)
            ASSERT_NEAR(out[i], (hidden[i] - mean) * scale * weight[i], 3e-6) << size;
    }
}

TEST_P(CpuKernels, soft_cap_squeezes_every_value) {
    std::vector<float> values;
    for (int i = -300; i <= 300; ++i) values.push_back(static_cast<float>(i) * 0.7F);
    std::vector<float> capped = values;
    k.soft_cap(capped.data(), 30.0F, static_cast<Int>(capped.size()));
    for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_NEAR(capped[i], 30.0 * std::tanh(values[i] / 30.0), 5e-6) << values[i];
}

TEST_P(CpuKernels, results_in_bfloat16_are_rounded_to_nearest_even) {
    // 1 + 2^-8 lies between 1 and 1 + 2^-7; the even one is 1. 1 + 3 * 2^-8 rounds up.
    const std::vector<float> rows{1.00390625F, 1.01171875F, -1.00390625F, 1.0F};
    for (const float value : rows) {
        std::vector<float> hidden(20, value);
        const std::vector<float> weight(20, value);
        std::vector<BFloat16> out(20);
        k.bfloat16.add_norm(hidden.data(), nullptr, weight.data(), 0.0F, 20, out.data());
        // hidden / rms is 1 or -1 exactly enough that only the weight shows.
        const float expected = std::abs(value) > 1.01F ? 1.015625F : 1.0F;
        EXPECT_FLOAT_EQ(std::abs(widened(out[0])), expected) << value;
        EXPECT_EQ(out[0].bits, out[19].bits);
    }
}

TEST_P(CpuKernels, logit_stats_give_log_sum_exp_and_the_first_maximum) {
    for (const Int size : {1, 17, 1000}) {
        std::vector<float> logits = noise(size, 14);
        for (float& value : logits) value *= 20.0F;
        if (size > 20) logits[15] = logits[900] = 30.0F;
        const LogitStats stats = k.logit_stats(logits.data(), size);
        double sum = 0.0;
        for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
        EXPECT_NEAR(stats.best.maximum + std::log(stats.sum), std::log(sum), 2e-6);
        const auto best = std::ranges::max_element(logits) - logits.begin();
        EXPECT_EQ(stats.best.place, best);
        EXPECT_EQ(stats.best.maximum, logits[static_cast<std::size_t>(best)]);
    }
}

TEST_P(CpuKernels, logit_best_is_the_first_maximum_wherever_it_lies) {
    for (const Int size : {1, 5, 16, 17, 100}) {
        for (Int place = 0; place < size; ++place) {
            std::vector<float> logits(static_cast<std::size_t>(size), -2.0F);
            for (Int i = place; i < size; i += 7) logits[static_cast<std::size_t>(i)] = -1.0F;
            const LogitBest best = k.logit_best(logits.data(), size);
            EXPECT_EQ(best.place, place);
            EXPECT_EQ(best.maximum, -1.0F);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, CpuKernels, testing::ValuesIn(available()),
                         [](const auto& chosen) { return std::string{chosen.param->name}; });

}  // namespace
}  // namespace evoke::lm::cpu
