#include "support/skip.hpp"

#include <gtest/gtest-spi.h>

namespace {

TEST(Skip, is_a_failure_where_skipping_is_forbidden) {
    ::setenv("EVOKE_NO_SKIP", "1", 1);
    EXPECT_FATAL_FAILURE(EVOKE_SKIP("no browser"), "EVOKE_NO_SKIP=1 forbids to skip: no browser");
}

TEST(Skip, is_forbidden_by_one_alone) {
    ::unsetenv("EVOKE_NO_SKIP");
    EXPECT_FALSE(evoke::test::skipping_is_forbidden());
    ::setenv("EVOKE_NO_SKIP", "", 1);
    EXPECT_FALSE(evoke::test::skipping_is_forbidden());
    ::setenv("EVOKE_NO_SKIP", "1", 1);
    EXPECT_TRUE(evoke::test::skipping_is_forbidden());
}

}  // namespace
