#include "text/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace evoke::text {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t position) {
    return static_cast<std::uint8_t>(text[position]);
}

std::size_t length_from_lead(std::uint8_t lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xE0) return 2;
    return lead < 0xF0 ? 3 : 4;
}

struct Sequence {
    std::size_t length;  ///< bytes of the character, or of the broken part
    bool valid;
};

/// Table 3-7 of the Unicode standard: what may follow a lead byte.
Sequence sequence_at(std::string_view text, std::size_t position) {
    const std::uint8_t lead = byte_at(text, position);
    if (lead < 0x80) return {1, true};
    if (lead < 0xC2 || lead > 0xF4) return {1, false};
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xBF;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    const std::size_t wanted = length_from_lead(lead);
    for (std::size_t i = 1; i < wanted; ++i) {
        if (position + i >= text.size()) return {i, false};
        const std::uint8_t next = byte_at(text, position + i);
        if (next < low || next > high) return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {wanted, true};
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t position) {
    const std::uint8_t lead = byte_at(text, position);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = length_from_lead(lead);
    char32_t value = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        value = (value << 6) | (byte_at(text, position + i) & 0x3FU);
    }
    return {value, length};
}

CodePoint last_code_point(std::string_view text) {
    std::size_t position = text.size() - 1;
    while ((byte_at(text, position) & 0xC0U) == 0x80) --position;
    return code_point_at(text, position);
}

void append_utf8(std::string& text, char32_t character) {
    const auto push = [&](char32_t byte) {
        text.push_back(static_cast<char>(static_cast<std::uint8_t>(byte)));
    };
    if (character < 0x80) {
        push(character);
    } else if (character < 0x800) {
        push(0xC0 | (character >> 6));
        push(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        push(0xE0 | (character >> 12));
        push(0x80 | ((character >> 6) & 0x3F));
        push(0x80 | (character & 0x3F));
    } else {
        push(0xF0 | (character >> 18));
        push(0x80 | ((character >> 12) & 0x3F));
        push(0x80 | ((character >> 6) & 0x3F));
        push(0x80 | (character & 0x3F));
    }
}

std::string to_utf8(char32_t character) {
    std::string text;
    append_utf8(text, character);
    return text;
}

std::u32string to_utf32(std::string_view text) {
    std::u32string characters;
    characters.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        characters.push_back(point.value);
        at += point.length;
    }
    return characters;
}

bool is_ascii(std::string_view text) {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t bytes;
        std::memcpy(&bytes, text.data() + at, 8);
        if ((bytes & 0x8080808080808080U) != 0) return false;
    }
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                       [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

bool is_valid_utf8(std::string_view text) {
    if (is_ascii(text)) return true;
    for (std::size_t at = 0; at < text.size();) {
        const Sequence sequence = sequence_at(text, at);
        if (!sequence.valid) return false;
        at += sequence.length;
    }
    return true;
}

std::string lossy_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const Sequence sequence = sequence_at(bytes, at);
        if (sequence.valid) {
            text.append(bytes.substr(at, sequence.length));
        } else {
            append_utf8(text, 0xFFFD);
        }
        at += sequence.length;
    }
    return text;
}

}  // namespace evoke::text
