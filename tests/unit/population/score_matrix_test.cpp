#include "evoke/population/score_matrix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace evoke::population {
namespace {

using testing::ElementsAre;

constexpr IndividualId ann{1};
constexpr IndividualId bob{2};

Outcome scored(float value) {
    return {.values = {value}, .prompt_tokens = 10};
}

ExampleId ex(std::uint32_t number) {
    return ExampleId{number};
}

std::vector<std::uint32_t> examples_of(const ScoreMatrix::Row& row) {
    std::vector<std::uint32_t> numbers;
    for (const auto& [example, outcome] : row) numbers.push_back(example.value);
    return numbers;
}

TEST(ScoreMatrix, finds_what_was_set) {
    ScoreMatrix scores;
    scores.set(ann, ex(3), scored(1));
    ASSERT_NE(scores.find(ann, ex(3)), nullptr);
    EXPECT_EQ(scores.find(ann, ex(3))->values[0], 1.0F);
    EXPECT_EQ(scores.find(ann, ex(4)), nullptr);
    EXPECT_EQ(scores.find(bob, ex(3)), nullptr);
    EXPECT_TRUE(scores.row(bob).empty());
}

TEST(ScoreMatrix, reads_by_example_whatever_the_order_of_arrival) {
    ScoreMatrix scores;
    for (const std::uint32_t number : {5U, 1U, 9U, 3U, 7U})
        scores.set(ann, ex(number), scored(static_cast<float>(number)));
    const auto& row = scores.row(ann);
    EXPECT_THAT(examples_of(row), ElementsAre(1, 3, 5, 7, 9));
    EXPECT_EQ(row.size(), 5U);
    EXPECT_TRUE(row.contains(ex(7)));
    EXPECT_FALSE(row.contains(ex(8)));
    EXPECT_EQ(row.at(ex(9)).values[0], 9.0F);
    EXPECT_EQ(row.find(ex(2)), row.end());
    EXPECT_EQ(row.find(ex(3))->second.values[0], 3.0F);
    EXPECT_THROW((void)row.at(ex(2)), std::out_of_range);
}

TEST(ScoreMatrix, sets_a_block_in_the_blocks_order) {
    ScoreMatrix scores;
    const Block block{.number = 0, .examples = {ex(8), ex(2)}};
    scores.set(ann, block, std::vector{scored(0.8F), scored(0.2F)});
    EXPECT_EQ(scores.find(ann, ex(8))->values[0], 0.8F);
    EXPECT_EQ(scores.find(ann, ex(2))->values[0], 0.2F);
    EXPECT_THROW(scores.set(ann, block, std::vector{scored(0)}), std::invalid_argument);
}

TEST(ScoreMatrix, accepts_the_same_result_twice_and_no_other) {
    ScoreMatrix scores;
    scores.set(ann, ex(1), scored(1));
    scores.set(ann, ex(2), scored(1));
    Outcome again = scored(1);
    again.seconds = 4;
    scores.set(ann, ex(1), again);
    EXPECT_EQ(scores.row(ann).size(), 2U);
    EXPECT_THROW(scores.set(ann, ex(1), scored(0)), std::logic_error);
    EXPECT_THROW(scores.set(ann, ex(2), scored(0)), std::logic_error);
    EXPECT_EQ(scores.find(ann, ex(1))->values[0], 1.0F);
}

TEST(ScoreMatrix, keeps_only_the_rows_asked_for) {
    ScoreMatrix scores;
    scores.set(ann, ex(1), scored(1));
    scores.set(bob, ex(1), scored(1));
    scores.keep_only(std::vector{IndividualId{9}, bob});
    EXPECT_EQ(scores.rows().size(), 1U);
    EXPECT_TRUE(scores.rows().contains(bob));
}

TEST(ScoreMatrix, same_results_compares_everything_but_seconds) {
    ScoreMatrix a;
    ScoreMatrix b;
    a.set(ann, ex(1), scored(1));
    a.set(ann, ex(2), scored(0));
    Outcome slow = scored(0);
    slow.seconds = 3;
    b.set(ann, ex(2), slow);
    EXPECT_FALSE(a.same_results(b));
    b.set(ann, ex(1), scored(1));
    EXPECT_TRUE(a.same_results(b));
    b.set(bob, ex(1), scored(1));
    EXPECT_FALSE(a.same_results(b));
}

}  // namespace
}  // namespace evoke::population
