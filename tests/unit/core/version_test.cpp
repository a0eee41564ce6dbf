#include "evoke/core/version.hpp"

#include <gmock/gmock.h>

namespace evoke {
namespace {

TEST(Version, is_three_numbers) {
    EXPECT_THAT(software_version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace evoke
