#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace evoke::evaluation {

/// One code point and the bytes it takes; `size` 0: not UTF-8 (or the end of the text).
struct CodePoint {
    char32_t value = 0;
    std::size_t size = 0;
};

[[nodiscard]] CodePoint first_code_point(std::string_view text);
/// The code point that ends `text`.
[[nodiscard]] CodePoint last_code_point(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

/// What Python's str.isspace calls white space: lm-evaluation-harness strips contexts with it.
[[nodiscard]] bool is_space(char32_t code_point);
/// Letters, digits and underscore of scripts that put spaces between words.
[[nodiscard]] bool is_word(char32_t code_point);

/// Bytes of `text` without the white space at its end.
[[nodiscard]] std::size_t length_without_trailing_space(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Lower case for ASCII, Latin-1, Greek and Cyrillic letters; every character keeps its number of
/// bytes. Text that is not UTF-8 keeps its other bytes.
[[nodiscard]] std::string lower_case(std::string_view text);

/// For messages: the text in quotes, cut after about `limit` bytes, control characters escaped.
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t limit = 60);

}  // namespace evoke::evaluation
