#include "evoke/checkpoint/options.hpp"

#include <gtest/gtest.h>

#include "evoke/core/error.hpp"

namespace evoke::checkpoint {
namespace {

TEST(CheckpointOptions, keep_is_all_or_a_number_from_two) {
    EXPECT_EQ(kept_generations({.keep = "all"}), 0U);
    EXPECT_EQ(kept_generations({.keep = "2"}), 2U);
    EXPECT_EQ(kept_generations({.keep = "15"}), 15U);
    for (const char* wrong : {"1", "0", "-3", "", "some", "2x", " 2", "99999999999999999999999"})
        EXPECT_THROW((void)kept_generations({.keep = wrong}), InputError) << wrong;
}

}  // namespace
}  // namespace evoke::checkpoint
