#include "lm/sampler.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "evoke/core/error.hpp"

namespace evoke::lm {
namespace {

/// Logits whose softmax is (0.5, 0.25, 0.125, 0.125).
const std::vector<float> halves{std::log(0.5F), std::log(0.25F), std::log(0.125F),
                                std::log(0.125F)};

TokenId at(double uniform, const Sampling& sampling, std::vector<TokenId> history = {}) {
    return sample(halves, sampling, history, uniform);
}

TEST(Sample, greedy_takes_the_first_most_probable) {
    const std::vector<float> tie{1.0F, 3.0F, 3.0F};
    EXPECT_EQ(sample(tie, {}, {}, 0.9), 1);
}

TEST(Sample, walks_the_probabilities_in_order_of_ids) {
    const Sampling plain{.temperature = 1.0};
    EXPECT_EQ(at(0.0, plain), 0);
    EXPECT_EQ(at(0.49, plain), 0);
    EXPECT_EQ(at(0.51, plain), 1);
    EXPECT_EQ(at(0.76, plain), 2);
    EXPECT_EQ(at(0.99, plain), 3);
}

// Temperature 0.5 squares the odds: 16, 4, 1, 1 of 22.
TEST(Sample, temperature_sharpens) {
    const Sampling cold{.temperature = 0.5};
    EXPECT_EQ(at(15.9 / 22, cold), 0);
    EXPECT_EQ(at(16.1 / 22, cold), 1);
    EXPECT_EQ(at(20.1 / 22, cold), 2);
}

TEST(Sample, top_k_keeps_the_k_most_probable) {
    const Sampling two{.temperature = 1.0, .top_k = 2};
    EXPECT_EQ(at(0.66, two), 0);
    EXPECT_EQ(at(0.67, two), 1);
    EXPECT_EQ(at(0.999, two), 1);
    const Sampling many{.temperature = 1.0, .top_k = 100};
    EXPECT_EQ(at(0.99, many), 3);
}

TEST(Sample, top_p_keeps_the_fewest_that_reach_the_share) {
    const Sampling most{.temperature = 1.0, .top_p = 0.7};
    EXPECT_EQ(at(0.999, most), 1);
    const Sampling least{.temperature = 1.0, .top_p = 1e-9};
    EXPECT_EQ(at(0.999, least), 0);
    const Sampling three{.temperature = 1.0, .top_p = 0.8};
    EXPECT_EQ(at(0.999, three), 2);
}

TEST(Sample, min_p_drops_what_is_too_far_below_the_best) {
    const Sampling near{.temperature = 1.0, .min_p = 0.4};
    EXPECT_EQ(at(0.999, near), 1);
}

// The penalty divides positive logits and multiplies negative ones, once for each id seen.
TEST(Sample, repetition_penalty_falls_on_ids_already_there) {
    const Sampling penalty{.repetition_penalty = 2.0};
    const std::vector<float> logits{4.0F, 3.0F, -1.0F};
    EXPECT_EQ(sample(logits, penalty, std::vector<TokenId>{0, 0}, 0.0), 1);
    EXPECT_EQ(sample(logits, penalty, std::vector<TokenId>{0, 1}, 0.0), 0);
    const std::vector<float> below{-1.0F, -1.5F};
    EXPECT_EQ(sample(below, penalty, std::vector<TokenId>{0}, 0.0), 1);
}

TEST(CheckSampling, names_every_setting_that_makes_no_sense) {
    EXPECT_NO_THROW(check_sampling({}));
    try {
        check_sampling({.temperature = -1.0,
                        .top_p = 0.0,
                        .top_k = -1,
                        .min_p = 2.0,
                        .repetition_penalty = 0.0});
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_EQ(error.diagnostics().items().size(), 5);
    }
}

}  // namespace
}  // namespace evoke::lm
