#include "text/utf8.hpp"

#include <gtest/gtest.h>

namespace evoke::text {
namespace {

TEST(Utf8, code_points_of_every_length_are_read_and_written) {
    const std::string text = "a\u00e9\u6f22\U0001F600";
    EXPECT_EQ(to_utf32(text), U"a\u00e9\u6f22\U0001F600");
    EXPECT_EQ(code_point_at(text, 1).length, 2U);
    EXPECT_EQ(last_code_point(text).value, 0x1F600U);
    std::string written;
    for (const char32_t c : to_utf32(text)) append_utf8(written, c);
    EXPECT_EQ(written, text);
}

TEST(Utf8, surrogates_overlong_forms_and_torn_characters_are_invalid) {
    EXPECT_TRUE(is_valid_utf8("plain ascii that is longer than eight bytes"));
    EXPECT_TRUE(is_valid_utf8("\xF4\x8F\xBF\xBF"));
    EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));
    EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));
    EXPECT_FALSE(is_valid_utf8("\xE0\x80\xAF"));
    EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));
    EXPECT_FALSE(is_valid_utf8("abc\xE6\xBC"));
    EXPECT_FALSE(is_valid_utf8("\x80"));
}

TEST(Utf8, each_broken_part_becomes_one_replacement_character) {
    EXPECT_EQ(lossy_utf8("a\xE6\xBCz"), "a\uFFFDz");
    EXPECT_EQ(lossy_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(lossy_utf8("\xF0\x9F\x98"), "\uFFFD");
    EXPECT_EQ(lossy_utf8("\xFF\xE9"), "\uFFFD\uFFFD");
    EXPECT_EQ(lossy_utf8("fine \u6f22"), "fine \u6f22");
}

}  // namespace
}  // namespace evoke::text
