#include "text/added_tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evoke/core/error.hpp"
#include "json_literal.hpp"

namespace evoke::text {
namespace {

using ::testing::ElementsAre;

AddedTokens tokens(std::string_view list) {
    const JsonLiteral literal{list};
    return AddedTokens{literal.part(), Vocabulary{std::vector<std::string>{"a", "b"}},
                       [](std::string_view text) { return std::string{text}; }};
}

/// "text" for text, "#id" for a token.
std::vector<std::string> sections(const AddedTokens& added, std::string_view text) {
    std::vector<std::string> found;
    for (const auto& [span, token] : added.plain().split(text)) {
        found.push_back(token ? "#" + std::to_string(*token)
                              : std::string{text.substr(span.begin, span.end - span.begin)});
    }
    return found;
}

TEST(AddedTokens, the_longest_token_at_a_place_wins) {
    const auto added = tokens(R"([{"id":5,"content":"<x","normalized":false},
                                  {"id":6,"content":"<x>","normalized":false}])");
    EXPECT_THAT(sections(added, "a<x><xb"), ElementsAre("a", "#6", "#5", "b"));
}

TEST(AddedTokens, strip_flags_take_the_white_space_around) {
    const auto added = tokens(R"([{"id":5,"content":"<l>","lstrip":true,"normalized":false},
                                  {"id":6,"content":"<r>","rstrip":true,"normalized":false}])");
    EXPECT_THAT(sections(added, "a \t<l> b"), ElementsAre("a", "#5", " b"));
    EXPECT_THAT(sections(added, "a <r>\u3000\n b"), ElementsAre("a ", "#6", "b"));
    EXPECT_THAT(sections(added, "<r> <l>"), ElementsAre("#6", "#5"));
}

TEST(AddedTokens, a_single_word_does_not_match_inside_one) {
    const auto added = tokens(R"([{"id":5,"content":"he","single_word":true,"normalized":false}])");
    EXPECT_THAT(sections(added, "he she (he) he_"), ElementsAre("#5", " she (", "#5", ") he_"));
}

TEST(AddedTokens, normalized_ones_are_looked_for_elsewhere) {
    const auto added = tokens(R"([{"id":5,"content":"x","normalized":true}])");
    EXPECT_TRUE(added.plain().empty());
    EXPECT_FALSE(added.normalized().empty());
}

TEST(AddedTokens, an_id_that_belongs_to_another_token_is_refused) {
    EXPECT_THROW(tokens(R"([{"id":1,"content":"a"}])"), LoadError);
    EXPECT_THROW(tokens(R"([{"id":1,"content":"c"}])"), LoadError);
    EXPECT_THROW(tokens(R"([{"id":5,"content":"c"},{"id":5,"content":"d"}])"), LoadError);
    EXPECT_THROW(tokens(R"([{"id":-1,"content":"c"}])"), LoadError);
    EXPECT_THROW(tokens(R"([{"id":5,"content":"c","colour":1}])"), LoadError);
}

}  // namespace
}  // namespace evoke::text
