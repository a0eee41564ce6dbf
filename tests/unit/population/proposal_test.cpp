#include "evoke/population/proposal.hpp"

#include <gtest/gtest.h>

namespace evoke::population {
namespace {

TEST(Verdict, has_names) {
    EXPECT_EQ(to_string(Verdict::accepted), "accepted");
    EXPECT_EQ(to_string(Verdict::truncated), "truncated");
    EXPECT_EQ(to_string(Verdict::empty), "empty");
    EXPECT_EQ(to_string(Verdict::too_long), "too_long");
    EXPECT_EQ(to_string(Verdict::duplicate), "duplicate");
    EXPECT_EQ(to_string(Verdict::malformed), "malformed");
}

}  // namespace
}  // namespace evoke::population
