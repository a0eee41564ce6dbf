#include "text/jinja/string_literal.hpp"

#include <charconv>
#include <optional>

#include "text/jinja/syntax_error.hpp"
#include "text/utf8.hpp"

namespace evoke::text::jinja {

namespace {

std::optional<char32_t> parse(std::string_view digits, int base) {
    unsigned value = 0;
    const char* end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, value, base);
    if (digits.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
    return static_cast<char32_t>(value);
}

std::optional<char> plain_escape(char c) {
    constexpr std::string_view letters = "ntrabfv\\'\"";
    constexpr std::string_view meanings = "\n\t\r\a\b\f\v\\'\"";
    const std::size_t at = letters.find(c);
    return at == std::string_view::npos ? std::nullopt : std::optional{meanings[at]};
}

std::size_t hex_digits(char c) {
    if (c == 'x') return 2;
    if (c == 'u') return 4;
    return c == 'U' ? 8 : 0;
}

}  // namespace

std::string unescape(std::string_view text, std::size_t line) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        const char c = text[++i];
        if (const auto plain = plain_escape(c)) {
            result += *plain;
        } else if (const std::size_t digits = hex_digits(c); digits > 0) {
            const auto value = parse(text.substr(i + 1, digits), 16);
            const bool valid = value && i + digits < text.size() && *value < 0x110000 &&
                               (*value < 0xD800 || *value >= 0xE000);
            if (!valid) throw SyntaxError{line, std::string{"the escape '\\"} + c + "' is broken"};
            append_utf8(result, *value);
            i += digits;
        } else if (c >= '0' && c <= '7') {
            std::size_t size = 1;
            while (size < 3 && i + size < text.size() && text[i + size] >= '0' &&
                   text[i + size] <= '7') {
                ++size;
            }
            append_utf8(result, *parse(text.substr(i, size), 8));
            i += size - 1;
        } else if (c == 'N') {
            throw SyntaxError{line, "the escape '\\N' is not supported"};
        } else if (c != '\n') {
            result += '\\';
            result += c;
        }
    }
    return result;
}

}  // namespace evoke::text::jinja
