#include "text/bpe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evoke/core/error.hpp"
#include "json_literal.hpp"

namespace evoke::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<TokenId> tokenize(std::string_view json, std::string_view word) {
    const JsonLiteral literal{json};
    return Bpe{literal.part()}.tokenize(word);
}

constexpr std::string_view words = R"({"type":"BPE",
    "vocab":{"a":0,"b":1,"c":2,"ab":3,"bc":4,"abc":5,"?":6},
    "merges":["b c","a b","a bc"]})";

TEST(Bpe, merges_by_rank_and_not_from_the_left) {
    EXPECT_THAT(tokenize(words, "abc"), ElementsAre(5));
    EXPECT_THAT(tokenize(words, "abab"), ElementsAre(3, 3));
    EXPECT_THAT(tokenize(words, "abcbc"), ElementsAre(5, 4));
}

TEST(Bpe, characters_without_a_token_vanish_when_there_is_no_unknown_token) {
    EXPECT_THAT(tokenize(words, "xax"), ElementsAre(0));
    EXPECT_THAT(tokenize(words, "x"), IsEmpty());
}

std::string with_options(const std::string& options) {
    return R"({"vocab":{"a":0,"?":1,"<0xC3>":2,"<0xA9>":3,"aa":4},"merges":[["a","a"]],)" +
           options + "}";
}

TEST(Bpe, unknown_characters_are_fused_only_when_the_file_says_so) {
    EXPECT_THAT(tokenize(with_options(R"("unk_token":"?","fuse_unk":true)"), "xya"),
                ElementsAre(1, 0));
    EXPECT_THAT(tokenize(with_options(R"("unk_token":"?","fuse_unk":false)"), "xya"),
                ElementsAre(1, 1, 0));
}

TEST(Bpe, byte_fallback_spells_a_character_when_all_its_bytes_have_tokens) {
    EXPECT_THAT(tokenize(with_options(R"("unk_token":"?","byte_fallback":true)"), "a\u00e9a"),
                ElementsAre(0, 2, 3, 0));
    EXPECT_THAT(tokenize(with_options(R"("unk_token":"?","byte_fallback":true)"), "\u00e8"),
                ElementsAre(1));
}

TEST(Bpe, ignore_merges_takes_a_whole_word_of_the_vocabulary_first) {
    const std::string json = R"({"vocab":{"a":0,"b":1,"ab":2},"merges":[],"ignore_merges":)";
    EXPECT_THAT(tokenize(json + "true}", "ab"), ElementsAre(2));
    EXPECT_THAT(tokenize(json + "false}", "ab"), ElementsAre(0, 1));
}

TEST(Bpe, prefixes_and_suffixes_mark_where_in_the_word_a_token_stands) {
    const auto json = R"({"vocab":{"a":0,"##b":1,"##c</w>":2,"a</w>":3,"##bc</w>":4},
        "merges":["##b ##c</w>"],"continuing_subword_prefix":"##","end_of_word_suffix":"</w>"})";
    EXPECT_THAT(tokenize(json, "abc"), ElementsAre(0, 4));
    EXPECT_THAT(tokenize(json, "a"), ElementsAre(3));
}

TEST(Bpe, mistakes_of_the_file_are_named) {
    const auto complaint = [](std::string_view json) -> std::string {
        try {
            tokenize(json, "a");
        } catch (const LoadError& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_EQ(complaint(R"({"vocab":{"a":0},"merges":["a b"]})"),
              "t.json: merges: the merged token 'b' is not in the vocabulary");
    EXPECT_EQ(complaint(R"({"vocab":{"a":0},"merges":["a"]})"),
              "t.json: merges: the merge \"a\" does not name two tokens");
    EXPECT_THAT(complaint(R"({"vocab":{"a":0},"merges":[["a","b","c"]]})"),
                HasSubstr("does not name two tokens"));
    EXPECT_EQ(complaint(R"({"vocab":{"a":0},"merges":[],"unk_token":"u"})"),
              "t.json: unk_token: 'u' is not in the vocabulary");
    EXPECT_THAT(complaint(R"({"vocab":{"a":0},"merges":[],"dropout":0.1})"), HasSubstr("dropout"));
    EXPECT_THAT(complaint(R"({"vocab":{"a":0,"b":0},"merges":[]})"), HasSubstr("share the id 0"));
    EXPECT_THAT(complaint(R"({"vocab":{"a":-1},"merges":[]})"), HasSubstr("has the id -1"));
    EXPECT_THAT(complaint(R"({"vocab":{"a":1e300},"merges":[]})"), HasSubstr("has the id"));
    EXPECT_THAT(complaint(R"({"vocab":[],"merges":[]})"), HasSubstr("expected an object"));
    EXPECT_EQ(complaint(R"({"vocab":{"a":0}})"), "t.json: 'merges' is missing");
    EXPECT_EQ(complaint(R"({"vocab":{},"merges":[],"novel":1})"),
              "t.json: 'novel' is not supported");
}

/// The definition, without any thought of speed.
std::vector<TokenId> merge_naively(std::vector<TokenId> tokens, const PairTable& table) {
    while (true) {
        Merge best;
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            const Merge merge = table.find(tokens[i], tokens[i + 1]);
            if (merge.rank < best.rank) {
                best = merge;
                at = i;
            }
        }
        if (!best.exists()) return tokens;
        tokens[at] = best.result;
        tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

TEST(MergeAll, long_and_short_words_follow_the_definition) {
    // Tokens 0 to 2 and what their merges give, two levels deep.
    PairTable table{64};
    std::uint32_t rank = 0;
    TokenId next = 3;
    for (TokenId left = 0; left < 6; ++left) {
        for (TokenId right = 0; right < 6; ++right) {
            if ((left * 7 + right * 3) % 4 == 0) continue;
            table.insert(left, right, {(rank * 11) % 37, next % 12});
            ++rank;
            ++next;
        }
    }
    std::uint64_t state = 1;
    for (std::size_t length : {1U, 2U, 5U, 39U, 40U, 41U, 42U, 100U, 1000U}) {
        std::vector<TokenId> tokens;
        for (std::size_t i = 0; i < length; ++i) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            tokens.push_back(static_cast<TokenId>((state >> 33U) % 3));
        }
        EXPECT_EQ(merge_all(tokens, table), merge_naively(tokens, table)) << length;
    }
}

TEST(PairTable, finds_what_was_inserted_and_nothing_else) {
    PairTable table{100};
    for (TokenId i = 0; i < 100; ++i)
        table.insert(i, 2 * i, {static_cast<std::uint32_t>(i), i + 1});
    for (TokenId i = 0; i < 100; ++i) EXPECT_EQ(table.find(i, 2 * i).result, i + 1);
    EXPECT_FALSE(table.find(1, 3).exists());
    EXPECT_FALSE(table.find(2, 1).exists());
}

}  // namespace
}  // namespace evoke::text
