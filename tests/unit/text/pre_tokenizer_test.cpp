#include "text/pre_tokenizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evoke/core/error.hpp"
#include "json_literal.hpp"

namespace evoke::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> pieces(std::string_view json, Piece text) {
    const JsonLiteral literal{json};
    std::vector<std::string> found;
    const Pieces split = PreTokenizer{literal.part()}.split(text);
    for (const Piece& piece : split.list) found.emplace_back(piece.text);
    return found;
}

std::vector<std::string> pieces(std::string_view json, std::string_view text) {
    return pieces(json, Piece{text, true});
}

std::string split_at_a(std::string_view behavior) {
    return R"({"type":"Split","pattern":{"String":"-"},"invert":false,"behavior":")" +
           std::string{behavior} + "\"}";
}

TEST(PreTokenizer, without_steps_a_text_is_one_piece) {
    EXPECT_EQ(PreTokenizer{}.split({"a b", true}).list.size(), 1U);
    EXPECT_THAT(PreTokenizer{}.split({"", true}).list, IsEmpty());
}

TEST(PreTokenizer, byte_level_splits_as_gpt2_and_leaves_the_bytes_to_the_caller) {
    const JsonLiteral literal{R"({"type":"ByteLevel","add_prefix_space":false})"};
    EXPECT_TRUE(PreTokenizer{literal.part()}.pieces_are_bytes());
    EXPECT_THAT(pieces(R"({"type":"ByteLevel","add_prefix_space":false})", "He's 12  ok!"),
                ElementsAre("He", "'s", " 12", " ", " ok", "!"));
    EXPECT_THAT(pieces(R"({"type":"ByteLevel"})", "a"), ElementsAre(" a"));
}

TEST(PreTokenizer, byte_level_in_the_middle_spells_the_bytes_itself) {
    const auto json = R"({"type":"Sequence","pretokenizers":[
        {"type":"ByteLevel","add_prefix_space":false,"use_regex":false},{"type":"Punctuation"}]})";
    EXPECT_FALSE(PreTokenizer{JsonLiteral{json}.part()}.pieces_are_bytes());
    EXPECT_THAT(pieces(json, "a b,"), ElementsAre("a\u0120b", ","));
}

TEST(PreTokenizer, split_does_with_its_matches_what_it_is_told) {
    EXPECT_THAT(pieces(split_at_a("Removed"), "a--b-"), ElementsAre("a", "b"));
    EXPECT_THAT(pieces(split_at_a("Isolated"), "a--b-"), ElementsAre("a", "-", "-", "b", "-"));
    EXPECT_THAT(pieces(split_at_a("MergedWithPrevious"), "a--b-"), ElementsAre("a-", "-", "b-"));
    EXPECT_THAT(pieces(split_at_a("MergedWithNext"), "a--b-"), ElementsAre("a", "-", "-b", "-"));
    EXPECT_THAT(pieces(split_at_a("Contiguous"), "a--b-"), ElementsAre("a", "--", "b", "-"));
}

TEST(PreTokenizer, metaspace_puts_its_sign_before_words) {
    const auto metaspace = [](std::string_view scheme) {
        return R"({"type":"Metaspace","replacement":"_","prepend_scheme":")" + std::string{scheme} +
               "\"}";
    };
    EXPECT_THAT(pieces(metaspace("always"), "a b"), ElementsAre("_a", "_b"));
    EXPECT_THAT(pieces(metaspace("never"), "a  b"), ElementsAre("a", "_", "_b"));
    EXPECT_THAT(pieces(metaspace("first"), Piece{"a b", true}), ElementsAre("_a", "_b"));
    EXPECT_THAT(pieces(metaspace("first"), Piece{"a b", false}), ElementsAre("a", "_b"));
    EXPECT_THAT(pieces(R"({"type":"Metaspace","replacement":"_","add_prefix_space":false})", "a"),
                ElementsAre("a"));
    EXPECT_THROW(pieces(metaspace("sometimes"), "a"), LoadError);
}

TEST(PreTokenizer, digits_punctuation_and_words) {
    EXPECT_THAT(pieces(R"({"type":"Digits","individual_digits":true})", "a12"),
                ElementsAre("a", "1", "2"));
    EXPECT_THAT(pieces(R"({"type":"Digits"})", "a12b"), ElementsAre("a", "12", "b"));
    EXPECT_THAT(pieces(R"({"type":"Punctuation"})", "a,\u3002b$"),
                ElementsAre("a", ",", "\u3002", "b", "$"));
    EXPECT_THAT(pieces(R"({"type":"Whitespace"})", "a-- b"), ElementsAre("a", "--", "b"));
    EXPECT_THAT(pieces(R"({"type":"Whitespace"})", "a\u180eb\u0085c"),
                ElementsAre("a", "\u180e", "b", "c"));
    EXPECT_THAT(pieces(R"({"type":"BertPreTokenizer"})", "it's\u3000so"),
                ElementsAre("it", "'", "s", "so"));
    EXPECT_THAT(pieces(R"({"type":"CharDelimiterSplit","delimiter":"x"})", "axbxx"),
                ElementsAre("a", "b"));
}

}  // namespace
}  // namespace evoke::text
