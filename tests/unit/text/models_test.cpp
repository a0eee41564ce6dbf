#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evoke/core/error.hpp"
#include "json_literal.hpp"
#include "text/model.hpp"

namespace evoke::text {
namespace {

using ::testing::ElementsAre;

std::vector<TokenId> tokenize(std::string_view json, std::string_view word) {
    const JsonLiteral literal{json};
    return make_model(literal.part())->tokenize(word);
}

constexpr std::string_view pieces = R"({"type":"WordPiece","unk_token":"[UNK]",
    "continuing_subword_prefix":"##","max_input_chars_per_word":6,
    "vocab":{"[UNK]":0,"un":1,"u":2,"##able":3,"##n":4,"##a":5,"##\u00e9":6}})";

TEST(WordPiece, takes_the_longest_piece_again_and_again) {
    EXPECT_THAT(tokenize(pieces, "unable"), ElementsAre(1, 3));
    EXPECT_THAT(tokenize(pieces, "una"), ElementsAre(1, 5));
    EXPECT_THAT(tokenize(pieces, "u\u00e9"), ElementsAre(2, 6));
}

TEST(WordPiece, a_word_with_an_unknown_rest_is_unknown_as_a_whole) {
    EXPECT_THAT(tokenize(pieces, "unx"), ElementsAre(0));
}

TEST(WordPiece, a_long_word_is_unknown_counted_in_characters) {
    EXPECT_THAT(tokenize(pieces, "u\u00e9\u00e9\u00e9\u00e9\u00e9"), ElementsAre(2, 6, 6, 6, 6, 6));
    EXPECT_THAT(tokenize(pieces, "unablea"), ElementsAre(0));
}

TEST(WordPiece, no_piece_is_found_where_no_whole_character_fits) {
    // The longest token is shorter than a character, and the prefix alone is a token too.
    const auto json = R"({"type":"WordPiece","unk_token":"?","vocab":{"?":0,"a":1,"##":2}})";
    EXPECT_THAT(tokenize(json, "a\U0001F600"), ElementsAre(0));
    EXPECT_THAT(tokenize(json, "\U0001F600"), ElementsAre(0));
}

std::string unigram(const std::string& more) {
    return R"({"type":"Unigram","vocab":[["?",0],["a",-1],["b",-1],["ab",-1.5],["c",-9],
        ["<0xC3>",-20],["<0xA9>",-20]],"unk_id":0)" +
           more + "}";
}

TEST(Unigram, takes_the_path_of_the_largest_sum) {
    EXPECT_THAT(tokenize(unigram(""), "ab"), ElementsAre(3));
    EXPECT_THAT(tokenize(unigram(""), "aab"), ElementsAre(1, 3));
}

TEST(Unigram, a_run_of_unknown_characters_is_one_token) {
    EXPECT_THAT(tokenize(unigram(""), "axyb"), ElementsAre(1, 0, 2));
}

TEST(Unigram, of_two_equal_tokens_the_later_counts) {
    const auto json = R"({"type":"Unigram","vocab":[["?",0],["ab",-9],["a",-1],["b",-1],["ab",-1]],
        "unk_id":0})";
    EXPECT_THAT(tokenize(json, "ab"), ElementsAre(4));
}

TEST(Unigram, byte_fallback_spells_what_is_unknown) {
    EXPECT_THAT(tokenize(unigram(R"(,"byte_fallback":true)"), "a\u00e9"), ElementsAre(1, 5, 6));
    EXPECT_THAT(tokenize(unigram(R"(,"byte_fallback":true)"), "x"), ElementsAre(0));
}

TEST(Unigram, without_an_unknown_token_an_unknown_character_is_an_error) {
    EXPECT_THROW(tokenize(R"({"type":"Unigram","vocab":[["a",-1]]})", "b"), InputError);
}

TEST(WordLevel, a_word_is_a_token_or_unknown) {
    const auto json = R"({"type":"WordLevel","vocab":{"?":0,"yes":1},"unk_token":"?"})";
    EXPECT_THAT(tokenize(json, "yes"), ElementsAre(1));
    EXPECT_THAT(tokenize(json, "no"), ElementsAre(0));
}

TEST(MakeModel, the_type_may_be_seen_from_the_members) {
    EXPECT_THAT(tokenize(R"({"vocab":{"a":0},"merges":[]})", "a"), ElementsAre(0));
    EXPECT_THAT(tokenize(R"({"vocab":[["a",0]],"unk_id":0})", "a"), ElementsAre(0));
}

TEST(MakeModel, what_is_not_known_is_named) {
    try {
        tokenize(R"({"type":"Neural","vocab":{}})", "a");
        FAIL();
    } catch (const LoadError& error) {
        EXPECT_STREQ(error.what(), "t.json: the model 'Neural' is not supported");
    }
    EXPECT_THROW(tokenize(R"({"type":"Unigram","vocab":[["a"]]})", "a"), LoadError);
    EXPECT_THROW(tokenize(R"({"type":"Unigram","vocab":[["a",0]],"unk_id":1})", "a"), LoadError);
    EXPECT_THROW(tokenize(R"({"type":"WordPiece","vocab":{"a":0}})", "a"), LoadError);
}

}  // namespace
}  // namespace evoke::text
