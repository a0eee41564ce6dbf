#include "text/jinja/lexer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/jinja/syntax_error.hpp"

namespace evoke::text::jinja {
namespace {

using ::testing::ElementsAre;

/// Data in brackets, tags as their marks.
std::vector<std::string> shown(std::string_view source) {
    std::vector<std::string> found;
    for (const Token& token : tokenize(source)) {
        switch (token.kind) {
            case TokenKind::data:
                found.push_back("[" + token.text + "]");
                break;
            case TokenKind::expression_begin:
                found.emplace_back("{{");
                break;
            case TokenKind::expression_end:
                found.emplace_back("}}");
                break;
            case TokenKind::statement_begin:
                found.emplace_back("{%");
                break;
            case TokenKind::statement_end:
                found.emplace_back("%}");
                break;
            case TokenKind::end:
                break;
            default:
                found.push_back(token.text);
        }
    }
    return found;
}

TEST(JinjaLexer, a_statement_takes_its_indent_and_its_line_end) {
    EXPECT_THAT(shown("a\n  {% x %}\n  b"), ElementsAre("[a\n]", "{%", "x", "%}", "[  b]"));
    EXPECT_THAT(shown("a {% x %} b"), ElementsAre("[a ]", "{%", "x", "%}", "[ b]"));
    EXPECT_THAT(shown("  {%+ x +%}\nb"), ElementsAre("[  ]", "{%", "x", "%}", "[\nb]"));
}

TEST(JinjaLexer, an_expression_keeps_the_space_around_it) {
    EXPECT_THAT(shown("  {{ x }}\nb"), ElementsAre("[  ]", "{{", "x", "}}", "[\nb]"));
    EXPECT_THAT(shown("a \n {{- x -}} \n b"), ElementsAre("[a]", "{{", "x", "}}", "[b]"));
}

TEST(JinjaLexer, comments_vanish_with_their_line_end) {
    EXPECT_THAT(shown("a{# {{ x }} #}\nb"), ElementsAre("[a]", "[b]"));
}

TEST(JinjaLexer, raw_text_is_data) {
    EXPECT_THAT(shown("{% raw %}{{ x }}{% endraw %}y"), ElementsAre("[{{ x }}]", "[y]"));
}

TEST(JinjaLexer, a_closing_mark_inside_brackets_or_strings_does_not_close) {
    EXPECT_THAT(shown("{{ {'a': {}} }}"), ElementsAre("{{", "{", "a", ":", "{", "}", "}", "}}"));
    EXPECT_THAT(shown("{{ '}}' }}"), ElementsAre("{{", "}}", "}}"));
}

TEST(JinjaLexer, the_last_line_end_goes) {
    EXPECT_THAT(shown("a\n\n"), ElementsAre("[a\n]"));
    EXPECT_THAT(shown("a\r\nb\r"), ElementsAre("[a\nb]"));
}

TEST(JinjaLexer, strings_resolve_pythons_escapes) {
    EXPECT_THAT(shown(R"({{ '\n\x41\u00e9\q\'' }})"), ElementsAre("{{", "\nA\u00e9\\q'", "}}"));
}

TEST(JinjaLexer, mistakes_name_their_line) {
    const auto complaint = [](std::string_view source) -> std::string {
        try {
            (void)tokenize(source);
        } catch (const SyntaxError& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_EQ(complaint("a\n{{ x"), "line 2: a tag without '}}'");
    EXPECT_EQ(complaint("a\n\n{# x"), "line 3: a comment without '#}'");
    EXPECT_EQ(complaint("{{ ? }}"), "line 1: the character '?' is not expected here");
    EXPECT_EQ(complaint("{{ (] }}"), "line 1: an unexpected ']'");
    EXPECT_EQ(complaint("{{ '\\x4' }}"), "line 1: the escape '\\x' is broken");
    EXPECT_EQ(complaint("{% raw %} x"), "line 1: 'raw' without 'endraw'");
    EXPECT_EQ(complaint("{{ 1a }}"), "line 1: the number '1' runs into a name");
}

}  // namespace
}  // namespace evoke::text::jinja
