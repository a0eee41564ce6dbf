#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "text/jinja/lexer.hpp"
#include "text/jinja/statement.hpp"

namespace evoke::text::jinja {

/// Reads tokens from left to right.
class TokenReader {
public:
    explicit TokenReader(std::vector<Token> tokens) : tokens_{std::move(tokens)} {}

    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
    [[nodiscard]] bool sees(TokenKind kind) const { return peek().kind == kind; }
    [[nodiscard]] bool sees_sign(std::string_view text) const {
        return sees(TokenKind::sign) && peek().text == text;
    }
    [[nodiscard]] bool sees_name(std::string_view text) const {
        return sees(TokenKind::name) && peek().text == text;
    }
    bool accept_sign(std::string_view text);
    bool accept_name(std::string_view text);
    void expect_sign(std::string_view text);
    void expect_name(std::string_view text);
    void expect(TokenKind kind, std::string_view what);
    std::string expect_identifier(std::string_view what);

    /// Throws SyntaxError at the current line.
    [[noreturn]] void fail(const std::string& message) const;
    [[noreturn]] void unexpected(std::string_view expected) const;

private:
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

/// What binds operands together is in expression_parser.cpp, the operands in operand_parser.cpp.
class ExpressionParser {
public:
    explicit ExpressionParser(TokenReader& reader) : reader_{reader} {}

    [[nodiscard]] ExpressionPtr expression();
    /// Without an inline if: where a following `if` belongs to the statement.
    [[nodiscard]] ExpressionPtr expression_before_if();
    /// One expression, or several with commas between as a tuple.
    [[nodiscard]] ExpressionPtr tuple_or_expression();
    [[nodiscard]] ArgumentList arguments();
    /// The filter after a '|', without its input.
    [[nodiscard]] std::unique_ptr<FilterCall> filter();

private:
    /// One more link of a chain (a.b.c, 1 + 2 + 3): the tree grows deeper without brackets too.
    void count_link();
    [[nodiscard]] ExpressionPtr conditional();
    [[nodiscard]] ExpressionPtr logical_or();
    [[nodiscard]] ExpressionPtr logical_and();
    [[nodiscard]] ExpressionPtr logical_not();
    [[nodiscard]] ExpressionPtr comparison();
    [[nodiscard]] ExpressionPtr sum();
    [[nodiscard]] ExpressionPtr concatenation();
    [[nodiscard]] ExpressionPtr product();
    [[nodiscard]] ExpressionPtr power();
    [[nodiscard]] ExpressionPtr unary(bool with_filters);
    [[nodiscard]] ExpressionPtr primary();
    [[nodiscard]] ExpressionPtr constant_or_name();
    [[nodiscard]] ExpressionPtr parenthesized();
    [[nodiscard]] ExpressionPtr list();
    [[nodiscard]] ExpressionPtr dict();
    [[nodiscard]] ExpressionPtr postfix(ExpressionPtr target);
    [[nodiscard]] ExpressionPtr member(ExpressionPtr target);
    [[nodiscard]] ExpressionPtr subscript(ExpressionPtr target);
    [[nodiscard]] ExpressionPtr call(ExpressionPtr target);
    [[nodiscard]] ExpressionPtr filters_and_tests(ExpressionPtr input);
    [[nodiscard]] ExpressionPtr test(ExpressionPtr input);

    TokenReader& reader_;
    int depth_ = 0;
    int links_ = 0;  ///< in the expression that is not inside another
};

/// Throws SyntaxError naming the line and what cannot be read or is not supported.
[[nodiscard]] Block parse(std::string_view source);

}  // namespace evoke::text::jinja
