#include "evaluation/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace evoke::evaluation {

namespace {

std::uint32_t byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

bool in(char32_t code_point, char32_t first, char32_t last) {
    return code_point >= first && code_point <= last;
}

/// Upper-case letters whose lower case has as many bytes.
char32_t lower(char32_t c) {
    const bool ascii = in(c, U'A', U'Z');
    const bool latin = in(c, 0xC0, 0xDE) && c != 0xD7;
    const bool greek = in(c, 0x391, 0x3A9) && c != 0x3A2;
    const bool cyrillic = in(c, 0x410, 0x42F);
    if (ascii || latin || greek || cyrillic) return c + 0x20;
    if (in(c, 0x400, 0x40F)) return c + 0x50;
    return c;
}

void append_utf8(std::string& text, char32_t c) {
    const auto put = [&](char32_t byte) {
        text += static_cast<char>(static_cast<unsigned char>(byte));
    };
    if (c < 0x80) {
        put(c);
    } else {
        put(0xC0U | (c >> 6U));
        put(0x80U | (c & 0x3FU));
    }
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
    if (text.empty()) return {};
    const std::uint32_t lead = byte_at(text, 0);
    if (lead < 0x80) return {static_cast<char32_t>(lead), 1};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    std::uint32_t value = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte_at(text, i) & 0xC0U) != 0x80U) return {};
        value = (value << 6U) | (byte_at(text, i) & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest[size] || value > 0x10FFFF || surrogate) return {};
    return {static_cast<char32_t>(value), size};
}

CodePoint last_code_point(std::string_view text) {
    const std::size_t longest = std::min<std::size_t>(4, text.size());
    for (std::size_t size = 1; size <= longest; ++size) {
        const CodePoint found = first_code_point(text.substr(text.size() - size));
        if (found.size == size) return found;
    }
    return {};
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = first_code_point(text).size;
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

bool is_space(char32_t c) {
    return in(c, 0x09, 0x0D) || in(c, 0x1C, 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           in(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

bool is_word(char32_t c) {
    if (c < 0x80) {
        return in(c, U'0', U'9') || in(c, U'A', U'Z') || in(c, U'a', U'z') || c == U'_';
    }
    if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
    if (c == 0xD7 || c == 0xF7) return false;
    const bool punctuation_or_symbol =
        in(c, 0x2000, 0x2BFF) || in(c, 0x3000, 0x303F) || in(c, 0xFE10, 0xFE6F) || c >= 0x1F000;
    // Thai to Khmer, Hangul, kana and Han: a word ends without a space.
    const bool without_spaces = in(c, 0xE00, 0xEFF) || in(c, 0x1000, 0x11FF) ||
                                in(c, 0x1780, 0x17FF) || in(c, 0x2E80, 0xD7FF) ||
                                in(c, 0xF900, 0xFAFF) || in(c, 0xFF00, 0xFFEF);
    return !punctuation_or_symbol && !without_spaces;
}

std::size_t length_without_trailing_space(std::string_view text) {
    while (true) {
        const CodePoint last = last_code_point(text);
        if (last.size == 0 || !is_space(last.value)) return text.size();
        text.remove_suffix(last.size);
    }
}

std::string_view trimmed(std::string_view text) {
    text = text.substr(0, length_without_trailing_space(text));
    while (true) {
        const CodePoint first = first_code_point(text);
        if (first.size == 0 || !is_space(first.value)) return text;
        text.remove_prefix(first.size);
    }
}

std::string lower_case(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        const std::size_t size = std::max<std::size_t>(1, point.size);
        const char32_t small = lower(point.value);
        if (point.size != 0 && small != point.value) {
            append_utf8(result, small);
        } else {
            result += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return result;
}

std::string in_quotes(std::string_view text, std::size_t limit) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result = "\"";
    while (!text.empty() && result.size() < limit) {
        const CodePoint point = first_code_point(text);
        const auto byte = byte_at(text, 0);
        if (point.size == 0 || byte < 0x20 || byte == 0x7F) {
            result += "\\x";
            result += digits[byte >> 4U];
            result += digits[byte & 0xFU];
            text.remove_prefix(1);
        } else {
            result += text.substr(0, point.size);
            text.remove_prefix(point.size);
        }
    }
    return result + (text.empty() ? "\"" : "…\"");
}

}  // namespace evoke::evaluation
