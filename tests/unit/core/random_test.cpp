#include "evoke/core/random.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

namespace evoke {
namespace {

using testing::ElementsAre;

// The known answers published with Random123 (tests/kat_vectors, philox4x32 10).
TEST(Philox, gives_the_published_answers) {
    EXPECT_THAT(philox4x32_10({0, 0, 0, 0}, {0, 0}),
                ElementsAre(0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U));
    EXPECT_THAT(
        philox4x32_10({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
        ElementsAre(0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU));
    EXPECT_THAT(
        philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
        ElementsAre(0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U));
}

// Runs are resumed years later: these numbers, computed by another program, may never change.
TEST(Random, draws_are_what_they_always_were) {
    const RandomKey key{
        .seed = 7, .purpose = Purpose::selection, .generation = 3, .slot = 4, .attempt = 1};
    EXPECT_EQ(random_bits(key, 0), 0xb51148003d602d4dU);
    EXPECT_EQ(random_bits(key, 1), 0x1661253d1fcb5f0eU);
    EXPECT_EQ(random_bits({.seed = 0x0123456789abcdef, .purpose = Purpose::evaluation}, 0xffffffff),
              0x3efa695070000d29U);
    EXPECT_EQ(random_uniform(key, 0), 0.7072949410043071);
    EXPECT_EQ(random_below(key, 0, 10), 7U);
    EXPECT_THAT(random_permutation({.seed = 7, .purpose = Purpose::blocks}, 8),
                ElementsAre(1, 3, 4, 5, 7, 2, 6, 0));
    EXPECT_THAT(random_permutation({.seed = 7, .purpose = Purpose::blocks}, 8, 100),
                ElementsAre(7, 1, 0, 4, 2, 3, 5, 6));
}

TEST(Random, every_part_of_the_key_matters) {
    const RandomKey key{};
    const std::set<std::uint64_t> draws{random_bits(key, 0),
                                        random_bits(key, 1),
                                        random_bits({.seed = 1}, 0),
                                        random_bits({.seed = std::uint64_t{1} << 32U}, 0),
                                        random_bits({.purpose = Purpose::split}, 0),
                                        random_bits({.generation = 1}, 0),
                                        random_bits({.slot = 1}, 0),
                                        random_bits({.attempt = 1}, 0)};
    EXPECT_EQ(draws.size(), 8U);
}

TEST(Random, neighbouring_keys_share_no_draw) {
    std::vector<std::uint64_t> draws;
    for (std::uint32_t generation = 0; generation < 20; ++generation)
        for (std::uint32_t slot = 0; slot < 20; ++slot)
            for (std::uint32_t attempt = 0; attempt < 5; ++attempt)
                for (std::uint32_t draw = 0; draw < 20; ++draw)
                    draws.push_back(random_bits(
                        {.generation = generation, .slot = slot, .attempt = attempt}, draw));
    std::sort(draws.begin(), draws.end());
    EXPECT_EQ(std::adjacent_find(draws.begin(), draws.end()), draws.end());
}

TEST(Random, uniform_stays_below_one_and_is_even) {
    double sum = 0;
    for (std::uint32_t draw = 0; draw < 100000; ++draw) {
        const double value = random_uniform({.seed = 3}, draw);
        ASSERT_GE(value, 0.0);
        ASSERT_LT(value, 1.0);
        sum += value;
    }
    // The mean of so many draws has a standard deviation of 0.0009.
    EXPECT_NEAR(sum / 100000, 0.5, 0.004);
}

TEST(Random, below_takes_every_value_equally_often) {
    std::vector<int> counts(6, 0);
    for (std::uint32_t draw = 0; draw < 60000; ++draw)
        ++counts.at(random_below({.seed = 11}, draw, 6));
    // Standard deviation of a count: 91.
    for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
}

TEST(Random, below_accepts_the_smallest_and_the_largest_bound) {
    EXPECT_EQ(random_below({.seed = 1}, 0, 1), 0U);
    // (b * (2^64 - 1)) >> 64 is b - 1 for every b > 0.
    const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(random_below({.seed = 1}, 0, largest), random_bits({.seed = 1}, 0) - 1);
    EXPECT_THROW((void)random_below({.seed = 1}, 0, 0), std::invalid_argument);
}

TEST(Random, a_permutation_holds_every_index_once) {
    auto order = random_permutation({.seed = 5}, 257);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], i);
    EXPECT_THAT(random_permutation({.seed = 5}, 0), ElementsAre());
    EXPECT_THAT(random_permutation({.seed = 5}, 1), ElementsAre(0));
}

TEST(Random, all_permutations_of_three_are_equally_likely) {
    std::map<std::vector<std::size_t>, int> counts;
    for (std::uint32_t slot = 0; slot < 6000; ++slot)
        ++counts[random_permutation({.seed = 9, .slot = slot}, 3)];
    ASSERT_EQ(counts.size(), 6U);
    for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 130);
}

TEST(Random, weighted_draws_follow_the_weights) {
    const std::vector<double> weights{1, 0, 3};
    std::vector<int> counts(3, 0);
    for (std::uint32_t draw = 0; draw < 40000; ++draw)
        ++counts.at(random_weighted({.seed = 2}, draw, weights));
    EXPECT_NEAR(counts[0], 10000, 400);
    EXPECT_EQ(counts[1], 0);
    EXPECT_NEAR(counts[2], 30000, 400);
}

TEST(Random, weighted_is_uniform_when_all_weights_are_zero) {
    const std::vector<double> weights{0, 0, 0, 0};
    std::vector<int> counts(4, 0);
    for (std::uint32_t draw = 0; draw < 40000; ++draw)
        ++counts.at(random_weighted({.seed = 2}, draw, weights));
    for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
}

TEST(Random, weighted_refuses_weights_without_meaning) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    for (const auto& weights : {std::vector<double>{}, std::vector<double>{1, -1},
                                std::vector<double>{nan}, std::vector<double>{infinity}})
        EXPECT_THROW((void)random_weighted({}, 0, weights), std::invalid_argument);
}

}  // namespace
}  // namespace evoke
