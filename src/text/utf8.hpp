#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace evoke::text {

/// A character and the bytes it takes in UTF-8.
struct CodePoint {
    char32_t value;
    std::size_t length;
};

/// The character at `position`. Requires: valid UTF-8, position at the start of a character.
[[nodiscard]] CodePoint code_point_at(std::string_view text, std::size_t position);
/// The character that ends where `text` ends. Requires: valid UTF-8, not empty.
[[nodiscard]] CodePoint last_code_point(std::string_view text);

void append_utf8(std::string& text, char32_t character);
[[nodiscard]] std::string to_utf8(char32_t character);
[[nodiscard]] std::u32string to_utf32(std::string_view text);

[[nodiscard]] bool is_ascii(std::string_view text);
[[nodiscard]] bool is_valid_utf8(std::string_view text);
/// Each longest part that could have begun a character but does not becomes one U+FFFD.
[[nodiscard]] std::string lossy_utf8(std::string_view bytes);

}  // namespace evoke::text
