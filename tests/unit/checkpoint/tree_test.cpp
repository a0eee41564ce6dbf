#include "checkpoint/tree.hpp"

#include <gtest/gtest.h>

namespace evoke::checkpoint {
namespace {

TEST(Tree, names_types_and_counts) {
    EXPECT_EQ(type_name(std::vector<std::uint16_t>{1}), "u16");
    EXPECT_EQ(type_name(std::vector<double>{}), "f64");
    EXPECT_EQ(count_of(std::vector<float>{1, 2, 3}), 3U);
    EXPECT_EQ(to_hex(bytes_of(std::vector<std::uint32_t>{258})), "02010000");
}

TEST(Tree, narrows_to_the_smallest_type_that_holds_all) {
    EXPECT_EQ(type_name(narrowed({})), "u8");
    EXPECT_EQ(type_name(narrowed({255})), "u8");
    EXPECT_EQ(type_name(narrowed({256})), "u16");
    EXPECT_EQ(type_name(narrowed({65535, 0})), "u16");
    EXPECT_EQ(type_name(narrowed({0, 65536})), "u32");
    EXPECT_EQ(narrowed({3, 700}), Numbers{(std::vector<std::uint16_t>{3, 700})});
}

TEST(Tree, lists_lie_end_to_end) {
    Lists<std::uint32_t> lists;
    lists.append(std::vector{4U, 5U});
    lists.append(std::vector<unsigned>{});
    lists.append(std::vector{6U});
    EXPECT_EQ(lists.values, (std::vector<std::uint32_t>{4, 5, 6}));
    EXPECT_EQ(lists.offsets, (std::vector<std::uint64_t>{0, 2, 2, 3}));
}

}  // namespace
}  // namespace evoke::checkpoint
