#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "evoke/population/objective.hpp"

namespace evoke::population {
namespace {

using Points = std::vector<std::vector<double>>;

const std::vector<Objective> two{{"accuracy", Direction::maximise},
                                 {"prompt_tokens", Direction::minimise}};
const std::vector<Objective> three{{"accuracy", Direction::maximise},
                                   {"prompt_tokens", Direction::minimise},
                                   {"generated_tokens", Direction::minimise}};

std::size_t suggested(const Points& points, const std::vector<Objective>& objectives) {
    return knee(points, objectives, std::vector<double>(points.size(), 0.0));
}

TEST(Knee, is_farthest_below_the_line_between_the_best_of_each_objective) {
    EXPECT_EQ(suggested({{0.90, 100}, {0.85, 20}, {0.50, 10}}, two), 1U);
    // Scaled to (0, 1), (0.25, 0.5), (0.5, 0.25), (1, 0): the two in the middle are equally far
    // below, a little more accuracy decides.
    EXPECT_EQ(suggested({{1.0, 90}, {0.76, 50}, {0.5, 30}, {0.0, 10}}, two), 1U);
    EXPECT_EQ(suggested({{1.0, 90}, {0.74, 50}, {0.5, 30}, {0.0, 10}}, two), 2U);
}

TEST(Knee, on_a_bulging_front_is_an_extreme_point) {
    // Scaled to (0, 1), (0.5, 0.75), (0.75, 0.5), (1, 0): the two in the middle lie above the line.
    const Points points{{1.0, 100}, {0.5, 75}, {0.25, 50}, {0.0, 0}};
    const std::vector<double> tokens{100, 75, 50, 0};
    EXPECT_EQ(knee(points, two, tokens), 3U);
}

TEST(Knee, of_one_point_is_that_point) {
    EXPECT_EQ(suggested({{0.7, 12}}, two), 0U);
}

TEST(Knee, ties_go_to_fewer_prompt_tokens_then_to_the_first) {
    const Points points{{1.0, 100}, {0.75, 50}, {0.5, 25}, {0.0, 0}};
    EXPECT_EQ(knee(points, two, std::vector<double>{100, 50, 25, 0}), 2U);
    EXPECT_EQ(knee(points, two, std::vector<double>{7, 7, 7, 7}), 1U);
    const Points equal{{0.5, 10}, {0.5, 10}, {0.5, 10}};
    EXPECT_EQ(knee(equal, two, std::vector<double>{10, 9, 9}), 1U);
}

TEST(Knee, of_three_objectives) {
    // The best of each objective are (0, 1, 1), (1, 0, 1) and (1, 1, 0) when scaled.
    const Points points{{1.0, 100, 50}, {0.0, 0, 50}, {0.0, 100, 0}, {0.8, 30, 10}, {0.5, 60, 20}};
    EXPECT_EQ(suggested(points, three), 3U);
}

TEST(Knee, an_objective_that_is_equal_for_all_does_not_count) {
    const Points points{{0.90, 100, 1}, {0.85, 20, 1}, {0.50, 10, 1}};
    EXPECT_EQ(suggested(points, three), 1U);
}

TEST(Knee, objectives_with_one_extreme_point_share_its_weight) {
    // Scaled: (0, 1, 1), (1, 0, 0), (0.5, 0.45, 0.1); below the plane of normal (1, 0.5, 0.5) the
    // third is lowest. Were each cost as heavy as the accuracy, 1.05 would lose against 1.
    const Points points{{1.0, 100, 100}, {0.0, 0, 0}, {0.5, 45, 10}};
    EXPECT_EQ(suggested(points, three), 2U);
    EXPECT_EQ(suggested({points.begin(), points.begin() + 2}, three), 0U);
}

TEST(Knee, without_a_plane_that_rises_takes_the_one_through_the_unit_points) {
    // Scaled: (0, 1, 1), (0.1, 0, 0.1), (0.2, 1, 0), (1, 0.5, 0.5). The normal through the first
    // three is (8.3, -0.7, 1.7).
    const Points points{{1.0, 100, 100}, {0.9, 0, 10}, {0.8, 100, 0}, {0.0, 50, 50}};
    EXPECT_EQ(suggested(points, three), 1U);
}

TEST(Knee, never_suggests_an_unmeasured_point_while_there_is_another) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(suggested({{nan, 1}, {0.5, 10}, {0.6, 20}}, two), 1U);
    EXPECT_EQ(suggested({{nan, nan}, {nan, 1}}, two), 0U);
}

TEST(Knee, rejects_an_empty_front_and_lists_of_unequal_length) {
    EXPECT_THROW((void)knee({}, two, {}), std::invalid_argument);
    EXPECT_THROW((void)knee(Points{{1, 2}}, two, {}), std::invalid_argument);
    EXPECT_THROW((void)knee(Points{{1, 2}}, three, std::vector<double>{1}), std::invalid_argument);
}

}  // namespace
}  // namespace evoke::population
