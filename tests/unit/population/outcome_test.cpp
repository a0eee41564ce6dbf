#include "evoke/population/outcome.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

namespace evoke::population {
namespace {

const Outcome outcome{.values = {1.0F, 0.25F},
                      .status = OutcomeStatus::ok,
                      .prompt_tokens = 55,
                      .generated_tokens = 3,
                      .seconds = 0.5F};

TEST(Outcome, same_result_ignores_time_alone) {
    Outcome other = outcome;
    other.seconds = 9;
    EXPECT_TRUE(outcome.same_result(other));
    other.values[1] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(0.25F) + 1U);
    EXPECT_FALSE(outcome.same_result(other));
    other = outcome;
    other.status = OutcomeStatus::unparsed;
    EXPECT_FALSE(outcome.same_result(other));
    other = outcome;
    other.prompt_tokens = 56;
    EXPECT_FALSE(outcome.same_result(other));
    other = outcome;
    other.generated_tokens = 4;
    EXPECT_FALSE(outcome.same_result(other));
    other = outcome;
    other.values.push_back(0);
    EXPECT_FALSE(outcome.same_result(other));
}

TEST(Outcome, same_result_tells_the_zeros_apart_but_no_two_nans) {
    EXPECT_FALSE((Outcome{.values = {0.0F}}).same_result(Outcome{.values = {-0.0F}}));
    const float nan = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE((Outcome{.values = {nan}}).same_result(Outcome{.values = {-nan}}));
}

TEST(OutcomeStatus, has_names) {
    EXPECT_EQ(to_string(OutcomeStatus::ok), "ok");
    EXPECT_EQ(to_string(OutcomeStatus::unparsed), "unparsed");
    EXPECT_EQ(to_string(OutcomeStatus::overflow), "overflow");
}

}  // namespace
}  // namespace evoke::population
