#include "evoke/core/ids.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <unordered_set>

namespace evoke {
namespace {

static_assert(!std::convertible_to<std::uint64_t, UnitId>);
static_assert(!std::convertible_to<UnitId, LeaseId>);
static_assert(!std::equality_comparable_with<UnitId, LeaseId>);
static_assert(sizeof(ExampleId) == 4);

TEST(Id, is_ordered_by_its_value) {
    EXPECT_LT(UnitId{1}, UnitId{2});
    EXPECT_EQ(UnitId{}, UnitId{0});
    EXPECT_GT(WorkerId{0}, WorkerId{-1});
}

TEST(Id, can_be_kept_in_a_hash_set) {
    const std::unordered_set<IndividualId> ids{IndividualId{3}, IndividualId{4}, IndividualId{3}};
    EXPECT_EQ(ids.size(), 2U);
    EXPECT_TRUE(ids.contains(IndividualId{4}));
}

}  // namespace
}  // namespace evoke
