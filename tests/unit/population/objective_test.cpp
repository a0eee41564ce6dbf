#include "evoke/population/objective.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "evoke/core/random.hpp"

namespace evoke::population {
namespace {

using testing::ElementsAre;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

const std::vector<Objective> accuracy_and_tokens{{"accuracy", Direction::maximise},
                                                 {"prompt_tokens", Direction::minimise}};

bool beats(std::vector<double> a, std::vector<double> b) {
    return dominates(a, b, accuracy_and_tokens);
}

TEST(Dominates, no_worse_everywhere_and_better_somewhere) {
    EXPECT_TRUE(beats({0.9, 10}, {0.8, 10}));
    EXPECT_TRUE(beats({0.9, 10}, {0.9, 11}));
    EXPECT_FALSE(beats({0.9, 10}, {0.9, 10}));
    EXPECT_FALSE(beats({0.9, 11}, {0.8, 10}));
    EXPECT_FALSE(beats({0.8, 10}, {0.9, 10}));
}

TEST(Dominates, not_a_number_is_worst_and_equal_to_itself) {
    EXPECT_TRUE(beats({0.1, 10}, {nan, 10}));
    EXPECT_TRUE(beats({0.1, infinity}, {0.1, nan}));
    EXPECT_FALSE(beats({nan, 10}, {0.1, 10}));
    EXPECT_FALSE(beats({nan, nan}, {nan, nan}));
    EXPECT_TRUE(beats({nan, 9}, {nan, 10}));
}

TEST(Dominates, both_zeros_are_one_value) {
    EXPECT_FALSE(beats({0.0, 1}, {-0.0, 1}));
    EXPECT_FALSE(beats({-0.0, 1}, {0.0, 1}));
}

TEST(Dominates, rejects_points_of_another_length) {
    EXPECT_THROW((void)beats({1}, {1, 2}), std::invalid_argument);
}

TEST(FrontRanks, sorts_into_fronts) {
    const std::vector<std::vector<double>> points{{0.9, 30}, {0.8, 20}, {0.8, 25}, {0.5, 10},
                                                  {0.5, 31}, {0.9, 30}, {nan, 5},  {nan, nan}};
    EXPECT_THAT(front_ranks(points, accuracy_and_tokens), ElementsAre(0, 0, 1, 0, 2, 0, 0, 3));
}

TEST(FrontRanks, of_nothing_is_nothing) {
    EXPECT_THAT(front_ranks({}, accuracy_and_tokens), testing::IsEmpty());
}

/// The definition, read literally: peel off what nobody left dominates.
std::vector<std::size_t> peeled(const std::vector<std::vector<double>>& points,
                                const std::vector<Objective>& objectives) {
    std::vector<std::size_t> ranks(points.size(), points.size());
    for (std::size_t front = 0, done = 0; done < points.size(); ++front) {
        std::vector<std::size_t> members;
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (ranks[i] < front) continue;
            bool dominated = false;
            for (std::size_t j = 0; j < points.size(); ++j)
                dominated =
                    dominated || (ranks[j] >= front && dominates(points[j], points[i], objectives));
            if (!dominated) members.push_back(i);
        }
        for (const std::size_t i : members) ranks[i] = front;
        done += members.size();
    }
    return ranks;
}

TEST(FrontRanks, agrees_with_the_definition_on_random_points_with_many_ties) {
    const std::vector<Objective> objectives{
        {"a", Direction::maximise}, {"b", Direction::minimise}, {"c", Direction::minimise}};
    for (std::uint32_t round = 0; round < 20; ++round) {
        const RandomKey key{.seed = 5, .generation = round};
        std::vector<std::vector<double>> points(60, std::vector<double>(3));
        std::uint32_t draw = 0;
        for (auto& point : points)
            for (double& value : point) value = static_cast<double>(random_below(key, draw++, 6));
        EXPECT_EQ(front_ranks(points, objectives), peeled(points, objectives)) << round;
    }
}

}  // namespace
}  // namespace evoke::population
