#include "text/jinja/lexer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "text/jinja/string_literal.hpp"
#include "text/jinja/syntax_error.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text::jinja {

namespace {

bool is_space(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_name_start(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// Line ends become \n, and a single one at the very end goes.
std::string normalized_lines(std::string_view source) {
    std::string text;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r') {
            text += source[i];
        } else {
            text += '\n';
            if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
        }
    }
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string without_trailing_space(std::string text) {
    while (!text.empty()) {
        const CodePoint last = last_code_point(text);
        if (!is_whitespace(last.value)) break;
        text.resize(text.size() - last.length);
    }
    return text;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : source_{normalized_lines(source)} {}

    std::vector<Token> run() {
        while (at_ < source_.size()) step();
        push(TokenKind::end, "");
        return std::move(tokens_);
    }

private:
    [[noreturn]] void fail(const std::string& message) const { throw SyntaxError{line_, message}; }

    [[nodiscard]] bool sees(std::string_view text) const {
        return std::string_view{source_}.substr(at_).starts_with(text);
    }
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
    }
    void advance(std::size_t count) {
        const std::size_t end = std::min(at_ + count, source_.size());
        for (; at_ < end; ++at_) line_ += source_[at_] == '\n' ? 1 : 0;
    }
    void advance_space() {
        while (at_ < source_.size() && is_whitespace(code_point_at(source_, at_).value)) {
            advance(code_point_at(source_, at_).length);
        }
    }
    void push(TokenKind kind, std::string text) {
        tokens_.push_back({kind, std::move(text), line_});
    }

    [[nodiscard]] std::size_t next_tag() const {
        for (std::size_t i = at_; i + 1 < source_.size(); ++i) {
            const char second = source_[i + 1];
            if (source_[i] == '{' && (second == '{' || second == '%' || second == '#')) return i;
        }
        return source_.size();
    }

    /// The text up to the next tag, then that tag.
    void step() {
        const std::size_t tag = next_tag();
        std::string data = source_.substr(at_, tag - at_);
        const bool line_starting = at_ == 0 || source_[at_ - 1] == '\n';
        if (tag == source_.size()) {
            push_data(std::move(data));
            advance(tag - at_);
            return;
        }
        const char kind = source_[tag + 1];
        const char sign = tag + 2 < source_.size() ? source_[tag + 2] : '\0';
        if (sign == '-') {
            data = without_trailing_space(std::move(data));
        } else if (sign != '+' && kind != '{') {
            data = without_indent(std::move(data), line_starting);
        }
        push_data(std::move(data));
        advance(tag - at_);
        const bool signed_tag = sign == '-' || (sign == '+' && kind != '{');
        advance(signed_tag ? 3 : 2);
        if (kind == '#') return comment();
        if (kind == '{')
            return inside(TokenKind::expression_begin, TokenKind::expression_end, "}}");
        if (begins_raw()) return raw();
        inside(TokenKind::statement_begin, TokenKind::statement_end, "%}");
    }

    void push_data(std::string data) {
        if (!data.empty()) push(TokenKind::data, std::move(data));
    }

    /// lstrip_blocks: what stands before a tag on its line goes when it is only white space.
    static std::string without_indent(std::string data, bool line_starting) {
        const std::size_t newline = data.rfind('\n');
        if (newline == std::string::npos && !line_starting) return data;
        const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
        if (without_trailing_space(data.substr(begin)).empty()) data.resize(begin);
        return data;
    }

    /// After the two characters that close a tag: `sign` is the one before them.
    void trim_after(char sign, bool block) {
        if (sign == '-') {
            advance_space();
        } else if (block && sign != '+' && peek() == '\n') {
            advance(1);
        }
    }

    void comment() {
        const std::size_t close = source_.find("#}", at_);
        if (close == std::string::npos) fail("a comment without '#}'");
        const char sign = close > at_ ? source_[close - 1] : '\0';
        advance(close + 2 - at_);
        trim_after(sign, true);
    }

    [[nodiscard]] std::optional<std::size_t> tag_end(std::size_t at, std::string_view name) const {
        const auto skip_space = [&] {
            while (at < source_.size() && is_space(source_[at])) ++at;
        };
        skip_space();
        if (std::string_view{source_}.substr(at, name.size()) != name) return std::nullopt;
        at += name.size();
        skip_space();
        if (at < source_.size() && (source_[at] == '-' || source_[at] == '+')) ++at;
        if (std::string_view{source_}.substr(at, 2) != "%}") return std::nullopt;
        return at + 2;
    }
    [[nodiscard]] bool begins_raw() const { return tag_end(at_, "raw").has_value(); }

    void raw() {
        const std::size_t body = *tag_end(at_, "raw");
        const bool strip_body = source_[body - 3] == '-';
        advance(body - at_);
        if (strip_body) advance_space();
        for (std::size_t open = source_.find("{%", at_); open != std::string::npos;
             open = source_.find("{%", open + 1)) {
            const char sign = open + 2 < source_.size() ? source_[open + 2] : '\0';
            const std::size_t name = open + (sign == '-' || sign == '+' ? 3U : 2U);
            const auto end = tag_end(name, "endraw");
            if (!end) continue;
            std::string data = source_.substr(at_, open - at_);
            if (sign == '-') {
                data = without_trailing_space(std::move(data));
            } else if (sign != '+') {
                data = without_indent(std::move(data), source_[at_ - 1] == '\n');
            }
            push_data(std::move(data));
            advance(*end - at_);
            return trim_after(source_[*end - 3], true);
        }
        fail("'raw' without 'endraw'");
    }

    /// The tokens of one tag, up to its `close` outside of all brackets.
    void inside(TokenKind begin, TokenKind end, std::string_view close) {
        push(begin, "");
        std::vector<char> brackets;
        while (true) {
            while (at_ < source_.size() && is_space(peek())) advance(1);
            if (at_ >= source_.size()) fail("a tag without '" + std::string{close} + "'");
            const char sign = peek();
            const bool may_be_signed = sign == '-' || (sign == '+' && close == "%}");
            const std::size_t skip =
                may_be_signed && std::string_view{source_}.substr(at_ + 1).starts_with(close) ? 1
                                                                                              : 0;
            if (brackets.empty() && (skip == 1 || sees(close))) {
                push(end, "");
                advance(skip + 2);
                return trim_after(skip == 1 ? sign : '\0', close == "%}");
            }
            token(brackets);
        }
    }

    void token(std::vector<char>& brackets) {
        const char c = peek();
        if (is_name_start(c)) return name();
        if (is_digit(c)) return number();
        if (c == '\'' || c == '"') return string(c);
        for (const std::string_view sign : {"**", "//", "==", "!=", "<=", ">="}) {
            if (sees(sign)) {
                push(TokenKind::sign, std::string{sign});
                return advance(sign.size());
            }
        }
        if (std::string_view{"+-*/%~<>=.,:|()[]{}"}.find(c) == std::string_view::npos) {
            fail(std::string{"the character '"} + to_utf8(code_point_at(source_, at_).value) +
                 "' is not expected here");
        }
        balance(c, brackets);
        push(TokenKind::sign, std::string(1, c));
        advance(1);
    }

    void balance(char c, std::vector<char>& brackets) const {
        constexpr std::string_view opening = "([{";
        constexpr std::string_view closing = ")]}";
        if (opening.find(c) != std::string_view::npos) brackets.push_back(c);
        const std::size_t kind = closing.find(c);
        if (kind == std::string_view::npos) return;
        if (brackets.empty() || brackets.back() != opening[kind]) {
            fail(std::string{"an unexpected '"} + c + "'");
        }
        brackets.pop_back();
    }

    void name() {
        std::size_t size = 1;
        while (is_name_start(peek(size)) || is_digit(peek(size))) ++size;
        push(TokenKind::name, source_.substr(at_, size));
        advance(size);
    }

    void number() {
        std::size_t size = 0;
        const auto digits = [&] {
            while (is_digit(peek(size)) || (peek(size) == '_' && is_digit(peek(size + 1)))) ++size;
        };
        digits();
        TokenKind kind = TokenKind::integer;
        if (peek(size) == '.' && is_digit(peek(size + 1))) {
            kind = TokenKind::floating;
            ++size;
            digits();
        }
        if (peek(size) == 'e' || peek(size) == 'E') {
            const std::size_t sign = peek(size + 1) == '+' || peek(size + 1) == '-' ? 1 : 0;
            if (is_digit(peek(size + 1 + sign))) {
                kind = TokenKind::floating;
                size += 1 + sign;
                digits();
            }
        }
        std::string text = source_.substr(at_, size);
        std::erase(text, '_');
        if (is_name_start(peek(size))) fail("the number '" + text + "' runs into a name");
        push(kind, std::move(text));
        advance(size);
    }

    void string(char quote) {
        std::size_t size = 1;
        while (at_ + size < source_.size() && peek(size) != quote)
            size += peek(size) == '\\' ? 2 : 1;
        if (at_ + size >= source_.size()) fail("a string without its closing quote");
        push(TokenKind::string, unescape(source_.substr(at_ + 1, size - 1), line_));
        advance(size + 1);
    }

    std::string source_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
    return Lexer{source}.run();
}

}  // namespace evoke::text::jinja
