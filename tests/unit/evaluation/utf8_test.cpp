#include "evaluation/utf8.hpp"

#include <gtest/gtest.h>

namespace evoke::evaluation {
namespace {

TEST(Utf8, accepts_every_length_and_refuses_what_the_standard_refuses) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("aé€😀"));
    EXPECT_FALSE(is_utf8("\x80"));
    EXPECT_FALSE(is_utf8("\xC0\xAF"));          // overlong
    EXPECT_FALSE(is_utf8("\xE0\x80\xAF"));      // overlong
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // a surrogate
    EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
    EXPECT_FALSE(is_utf8("\xE2\x82"));          // cut off
}

TEST(Utf8, finds_the_code_points_at_both_ends) {
    EXPECT_EQ(first_code_point("€x").value, U'€');
    EXPECT_EQ(first_code_point("€x").size, 3U);
    EXPECT_EQ(last_code_point("x€").value, U'€');
    EXPECT_EQ(last_code_point("x").value, U'x');
    EXPECT_EQ(last_code_point("").size, 0U);
    EXPECT_EQ(last_code_point("a\x80").size, 0U);
}

TEST(Utf8, trims_what_python_calls_white_space) {
    EXPECT_EQ(trimmed(" \t\r\n a b \u00A0\u3000\u2028"), "a b");
    EXPECT_EQ(trimmed("\u200Ba"), "\u200Ba");  // zero-width space is none for Python
    EXPECT_EQ(trimmed("  "), "");
    EXPECT_EQ(length_without_trailing_space("a\n"), 1U);
    EXPECT_EQ(length_without_trailing_space(" a"), 2U);
}

TEST(Utf8, lower_case_keeps_the_number_of_bytes) {
    EXPECT_EQ(lower_case("ABC xyz Ä Ñ × ΑΩ ЖЁ 😀 ß"), "abc xyz ä ñ × αω жё 😀 ß");
    EXPECT_EQ(lower_case("A\xFF"), "a\xFF");
}

TEST(Utf8, words_are_letters_digits_and_underscores) {
    for (const char32_t c : {U'a', U'Z', U'0', U'_', U'é', U'Ж', U'ß'}) EXPECT_TRUE(is_word(c));
    for (const char32_t c : {U' ', U'-', U'“', U'…', U'。', U'正', U'×', U'😀', U'«'}) {
        EXPECT_FALSE(is_word(c));
    }
}

TEST(Utf8, quotes_for_messages) {
    EXPECT_EQ(in_quotes("a\tb\n"), "\"a\\x09b\\x0a\"");
    EXPECT_EQ(in_quotes("grün \xFF"), "\"grün \\xff\"");
    EXPECT_EQ(in_quotes("abcdefgh", 4), "\"abc…\"");
}

}  // namespace
}  // namespace evoke::evaluation
