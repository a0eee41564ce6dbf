#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evoke::evolution {

/// Cuts a text into phrases: a phrase ends with a word that ends in punctuation, or with a line,
/// and what is longer than six words is cut into equal parts of three to five. Joined by a space
/// they give the text back, but for its white space.
[[nodiscard]] std::vector<std::string> split_phrases(std::string_view text);

/// The words of a text: what stands between white space.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

/// What an edit moves: phrases, or words when there are fewer than two phrases.
[[nodiscard]] std::vector<std::string> split_parts(std::string_view text);

/// With one space between them.
[[nodiscard]] std::string join_words(std::span<const std::string> parts);

}  // namespace evoke::evolution
