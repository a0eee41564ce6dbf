#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace evoke::text::jinja {

enum class TokenKind {
    data,  ///< text between tags, after trimming
    expression_begin,
    expression_end,
    statement_begin,
    statement_end,
    name,
    string,  ///< its text is the content, escapes resolved
    integer,
    floating,
    sign,
    end,
};

struct Token {
    TokenKind kind;
    std::string text;
    std::size_t line;  ///< from 1
};

/// The tokens of a template, ended by one of kind `end`, with trim_blocks and lstrip_blocks on.
/// Throws SyntaxError.
[[nodiscard]] std::vector<Token> tokenize(std::string_view source);

}  // namespace evoke::text::jinja
