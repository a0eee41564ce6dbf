#include "text/jinja/parser.hpp"
#include "text/jinja/syntax_error.hpp"

namespace evoke::text::jinja {

bool TokenReader::accept_sign(std::string_view text) {
    if (!sees_sign(text)) return false;
    take();
    return true;
}

bool TokenReader::accept_name(std::string_view text) {
    if (!sees_name(text)) return false;
    take();
    return true;
}

void TokenReader::expect_sign(std::string_view text) {
    if (!accept_sign(text)) unexpected("'" + std::string{text} + "'");
}

void TokenReader::expect_name(std::string_view text) {
    if (!accept_name(text)) unexpected("'" + std::string{text} + "'");
}

void TokenReader::expect(TokenKind kind, std::string_view what) {
    if (!sees(kind)) unexpected(what);
    take();
}

std::string TokenReader::expect_identifier(std::string_view what) {
    if (!sees(TokenKind::name)) unexpected(what);
    return take().text;
}

void TokenReader::fail(const std::string& message) const {
    throw SyntaxError{peek().line, message};
}

void TokenReader::unexpected(std::string_view expected) const {
    std::string found;
    switch (peek().kind) {
        case TokenKind::end:
            found = "the end of the template";
            break;
        case TokenKind::expression_end:
        case TokenKind::statement_end:
            found = "the end of the tag";
            break;
        default:
            found = "'" + peek().text + "'";
    }
    fail("expected " + std::string{expected} + ", found " + found);
}

}  // namespace evoke::text::jinja
