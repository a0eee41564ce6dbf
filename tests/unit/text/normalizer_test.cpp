#include "text/normalizer.hpp"

#include <gtest/gtest.h>

#include "evoke/core/error.hpp"
#include "json_literal.hpp"

namespace evoke::text {
namespace {

std::string normalized(std::string_view json, std::string_view text) {
    const JsonLiteral literal{json};
    return make_normalizer(literal.part())->apply(text);
}

TEST(Normalizer, composes_and_decomposes) {
    EXPECT_EQ(normalized(R"({"type":"NFC"})", "e\u0301"), "\u00e9");
    EXPECT_EQ(normalized(R"({"type":"NFD"})", "\u00e9"), "e\u0301");
    EXPECT_EQ(normalized(R"({"type":"NFKC"})", "\ufb01"), "fi");
}

TEST(Normalizer, leaves_characters_that_the_reference_does_not_know) {
    EXPECT_EQ(normalized(R"({"type":"NFKC"})", "\u32ff"), "\u32ff");
    EXPECT_EQ(normalized(R"({"type":"NFC"})", "\u07fd\u0650"), "\u07fd\u0650");
}

TEST(Normalizer, accents_younger_than_the_tables_of_the_reference_stay) {
    EXPECT_EQ(normalized(R"({"type":"StripAccents"})", "a\u0301\u0afa"), "a\u0afa");
    EXPECT_EQ(normalized(R"({"type":"BertNormalizer"})", "\u00c1\u0afa"), "a\u0afa");
}

TEST(Normalizer, lowercases_character_by_character) {
    EXPECT_EQ(normalized(R"({"type":"Lowercase"})", "\u03a3\u0391\u03a3 \u0130"),
              "\u03c3\u03b1\u03c3 i\u0307");
}

TEST(Normalizer, prepends_to_everything_but_nothing) {
    EXPECT_EQ(normalized(R"({"type":"Prepend","prepend":"_"})", "a"), "_a");
    EXPECT_EQ(normalized(R"({"type":"Prepend","prepend":"_"})", ""), "");
}

TEST(Normalizer, replaces_texts_and_patterns) {
    EXPECT_EQ(normalized(R"({"type":"Replace","pattern":{"String":"a."},"content":"-"})", "a.ab"),
              "-ab");
    EXPECT_EQ(
        normalized(R"({"type":"Replace","pattern":{"Regex":" {2,}"},"content":"$1"})", "a  b"),
        "a$1b");
}

TEST(Normalizer, a_sequence_goes_in_order) {
    EXPECT_EQ(normalized(R"({"type":"Sequence","normalizers":[{"type":"NFD"},
                             {"type":"StripAccents"},{"type":"Strip"}]})",
                         " \u00e9 "),
              "e");
}

TEST(Normalizer, a_text_that_grows_without_bounds_is_given_up) {
    std::string steps;
    for (int i = 0; i < 40; ++i)
        steps += std::string{i == 0 ? "" : ","} +
                 R"({"type":"Replace","pattern":{"String":"a"},"content":"aa"})";
    const std::string doubling = R"({"type":"Sequence","normalizers":[)" + steps + "]}";
    EXPECT_THROW(normalized(doubling, "a"), InputError);
    const std::string pattern = R"({"type":"Replace","pattern":{"Regex":"."},"content":")" +
                                std::string(100'000, 'x') + "\"}";
    EXPECT_THROW(normalized(pattern, std::string(10'000, 'a')), InputError);
}

TEST(Normalizer, bert_cleans_spaces_strips_and_lowers) {
    EXPECT_EQ(normalized(R"({"type":"BertNormalizer"})", "A\u00c9\t\u6f22\x01"), "ae  \u6f22 ");
    EXPECT_EQ(normalized(R"({"type":"BertNormalizer","lowercase":false})", "\u00c9"), "\u00c9");
    EXPECT_EQ(normalized(R"({"type":"BertNormalizer","strip_accents":false})", "\u00c9"), "\u00e9");
}

TEST(Normalizer, an_unknown_one_is_named_with_its_place) {
    try {
        normalized(R"({"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"New"}]})", "");
        FAIL();
    } catch (const LoadError& error) {
        EXPECT_STREQ(error.what(), "t.json: normalizers[1]: the normalizer 'New' is not supported");
    }
}

}  // namespace
}  // namespace evoke::text
