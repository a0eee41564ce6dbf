#include "evoke/evaluation/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace evoke::evaluation {
namespace {

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
// (1998), table I, method 3.
TEST(WilsonInterval, agrees_with_newcombes_table) {
    struct Row {
        std::size_t right, count;
        double low, high;
    };
    for (const Row& row : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605},
                           Row{0, 20, 0.0, 0.1611}, Row{1, 29, 0.0061, 0.1718}}) {
        const Interval interval = wilson_interval(row.right, row.count);
        EXPECT_NEAR(interval.low, row.low, 5e-5) << row.right << "/" << row.count;
        EXPECT_NEAR(interval.high, row.high, 5e-5) << row.right << "/" << row.count;
        EXPECT_DOUBLE_EQ(interval.value,
                         static_cast<double>(row.right) / static_cast<double>(row.count));
    }
}

TEST(WilsonInterval, ends_exactly_at_none_and_all) {
    EXPECT_EQ(wilson_interval(0, 7).low, 0.0);
    EXPECT_EQ(wilson_interval(7, 7).high, 1.0);
    EXPECT_NEAR(wilson_interval(7, 7).low, 1 - wilson_interval(0, 7).high, 1e-15);
}

TEST(WilsonInterval, refuses_impossible_counts) {
    EXPECT_THROW(static_cast<void>(wilson_interval(0, 0)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(wilson_interval(2, 1)), std::invalid_argument);
}

// NIST StRD, data set NumAcc1 (10000001, 10000003, 10000002): certified mean 10000002, standard
// deviation 1; the half width is then 1.959964/√3.
TEST(MeanInterval, agrees_with_nist_numacc1) {
    const double sum = 30000006;
    const double squares = 1.00000020000001e14 + 1.00000060000009e14 + 1.00000040000004e14;
    const Interval interval = mean_interval(sum, squares, 3);
    EXPECT_EQ(interval.value, 10000002.0);
    EXPECT_NEAR(interval.high - interval.value, 1.131586, 1e-3);
    EXPECT_NEAR(interval.value - interval.low, 1.131586, 1e-3);
}

TEST(MeanInterval, follows_a_hand_computation) {
    // 1, 2, 3, 4: mean 2.5, variance 5/3, standard error 0.6454972.
    const Interval interval = mean_interval(10, 30, 4);
    EXPECT_DOUBLE_EQ(interval.value, 2.5);
    EXPECT_NEAR(interval.low, 2.5 - 1.959963984540054 * 0.6454972243679028, 1e-12);
    EXPECT_NEAR(interval.high, 2.5 + 1.959963984540054 * 0.6454972243679028, 1e-12);
}

TEST(MeanInterval, equal_values_have_no_width_and_one_value_no_interval) {
    EXPECT_EQ(mean_interval(6, 12, 3).low, 2.0);
    EXPECT_TRUE(std::isnan(mean_interval(2, 4, 1).low));
    EXPECT_EQ(mean_interval(2, 4, 1).value, 2.0);
    EXPECT_THROW(static_cast<void>(mean_interval(0, 0, 0)), std::invalid_argument);
}

}  // namespace
}  // namespace evoke::evaluation
