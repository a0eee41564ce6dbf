#include "evoke/core/bytes.hpp"

#include <gtest/gtest.h>

namespace evoke {
namespace {

TEST(Bytes, to_hex_writes_two_lower_case_digits_a_byte) {
    const Bytes bytes{std::byte{0x00}, std::byte{0x0f}, std::byte{0xa5}, std::byte{0xff}};
    EXPECT_EQ(to_hex(bytes), "000fa5ff");
    EXPECT_EQ(to_hex(Bytes{}), "");
}

TEST(Bytes, text_and_bytes_are_two_views_of_the_same) {
    const std::string_view text{"a\0b", 3};
    EXPECT_EQ(as_text(as_bytes(text)), text);
    EXPECT_EQ(as_bytes("xyz").size(), 3U);
}

}  // namespace
}  // namespace evoke
