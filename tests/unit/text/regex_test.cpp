#include "text/regex.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evoke::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> matches(const std::string& pattern, const std::string& text) {
    std::vector<std::string> found;
    for (const auto [begin, end] : Regex{from_oniguruma(pattern)}.find_all(text)) {
        found.push_back(text.substr(begin, end - begin));
    }
    return found;
}

TEST(Regex, finds_matches_from_left_to_right) {
    EXPECT_THAT(matches(" ?\\p{L}+|\\s+(?!\\S)|\\s+", "Hi  there"),
                ElementsAre("Hi", " ", " there"));
    EXPECT_THAT(matches("x", "abc"), IsEmpty());
}

TEST(Regex, an_empty_match_right_after_a_match_is_not_reported) {
    EXPECT_THAT(matches("x*", "axb"), ElementsAre("", "x", ""));
}

TEST(Regex, a_long_text_without_an_end_in_sight_does_not_exhaust_the_stack) {
    const std::string text(200000, 'a');
    EXPECT_THAT(matches("(?:a|b)*c", text), IsEmpty());
}

TEST(Regex, a_pattern_that_cannot_be_compiled_says_where) {
    EXPECT_THROW(Regex{"(a"}, RegexError);
}

TEST(FromOniguruma, white_space_includes_the_next_line_character) {
    EXPECT_THAT(matches("\\s+", "a \u0085b"), ElementsAre(" \u0085"));
    EXPECT_THAT(matches("[^\\s]+", "a\u0085b"), ElementsAre("a", "b"));
    EXPECT_THAT(matches("\\S+", "a\u0085b"), ElementsAre("a", "b"));
}

TEST(FromOniguruma, a_word_includes_its_marks) {
    EXPECT_THAT(matches("\\w+", "e\u0301a-b_1"), ElementsAre("e\u0301a", "b_1"));
    EXPECT_THAT(matches("\\b", "e\u0301"), ElementsAre("", ""));
}

TEST(FromOniguruma, superscripts_and_fractions_are_words_only_outside_of_a_class) {
    EXPECT_THAT(matches("\\w", "\u00b2\u00bd\u2460"), ElementsAre("\u00b2", "\u00bd"));
    EXPECT_THAT(matches("\\W", "\u00b2\u00bd\u2460"), ElementsAre("\u2460"));
    EXPECT_THAT(matches("[\\w]", "\u00b2\u00bd"), IsEmpty());
    EXPECT_THAT(matches("[^\\w\\s]+", "|\u00bd"), ElementsAre("|\u00bd"));
}

TEST(FromOniguruma, a_script_is_its_own_characters_not_those_used_with_it) {
    EXPECT_THAT(matches("\\p{Han}+", "\u6f22\u3002\u5b57"), ElementsAre("\u6f22", "\u5b57"));
    EXPECT_THAT(matches("\\p{^Han}+", "\u6f22\u3002\u5b57"), ElementsAre("\u3002"));
    EXPECT_THAT(matches("[\\p{Han}\\p{Lu}]+", "a\u6f22B"), ElementsAre("\u6f22B"));
}

TEST(FromOniguruma, a_plus_after_an_interval_repeats_it) {
    EXPECT_THAT(matches("\\d{1,3}+", "12345"), ElementsAre("12345"));
    EXPECT_THAT(matches("(ab){2}+", "ababab"), ElementsAre("abab"));
    EXPECT_THAT(matches("[ab]{2}+", "ababa"), ElementsAre("abab"));
}

TEST(FromOniguruma, an_interval_may_lack_its_lower_bound) {
    EXPECT_THAT(matches("xa{,2}", "xaaa"), ElementsAre("xaa"));
    EXPECT_THAT(matches("a{x", "a{x"), ElementsAre("a{x"));
}

TEST(FromOniguruma, a_class_inside_a_class_adds_its_members) {
    EXPECT_THAT(matches("[^(\\s|[.,])]+", "ab,c d"), ElementsAre("ab", "c", "d"));
}

TEST(FromOniguruma, lines_begin_and_end_at_newlines_and_m_lets_the_dot_cross_them) {
    EXPECT_THAT(matches("^.", "ab\ncd"), ElementsAre("a", "c"));
    EXPECT_THAT(matches("(?m:b.c)", "ab\ncd"), ElementsAre("b\nc"));
}

TEST(FromOniguruma, classes_nested_without_end_are_refused) {
    EXPECT_THROW((void)from_oniguruma(std::string(100'000, '[')), RegexError);
}

TEST(FromOniguruma, what_has_no_counterpart_is_named) {
    const auto complaint = [](const std::string& pattern) -> std::string {
        try {
            (void)from_oniguruma(pattern);
        } catch (const RegexError& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_EQ(complaint("[a&&b]"),
              "the regular expression '[a&&b]' uses the intersection '&&' of classes, which is not "
              "supported");
    EXPECT_THAT(complaint("[\\S]"), testing::HasSubstr("'\\S'"));
    EXPECT_THAT(complaint("[[:alpha:]]"), testing::HasSubstr("a POSIX bracket"));
    EXPECT_THAT(complaint("(?s)a"), testing::HasSubstr("the option 's'"));
    EXPECT_THAT(complaint("[abc"), testing::HasSubstr("a class without ']'"));
    EXPECT_THAT(complaint("a\\"), testing::HasSubstr("a lone '\\'"));
    EXPECT_THAT(complaint("a)"), testing::HasSubstr("a ')' without '('"));
}

TEST(EscapeForRegex, every_sign_stands_for_itself) {
    const std::string text = "a.b*c+(d)[e]{f}|g^h$i\\j?-#&~ \t";
    const auto found = Regex{escape_for_regex(text)}.find_all("x" + text + "x");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].begin, 1U);
    EXPECT_EQ(found[0].end, text.size() + 1);
}

}  // namespace
}  // namespace evoke::text
