#pragma once

#include <string>
#include <string_view>

namespace evoke::text {

/// Character classes as the Rust standard library and its crates define them, on which the
/// reference tokenizers rest.

[[nodiscard]] bool is_whitespace(char32_t c);          ///< White_Space
[[nodiscard]] bool is_numeric(char32_t c);             ///< Nd, Nl, No
[[nodiscard]] bool is_punctuation(char32_t c);         ///< P*, or any ASCII sign
[[nodiscard]] bool is_combining_mark(char32_t c);      ///< Mn, Mc, Me
[[nodiscard]] bool is_nonspacing_mark(char32_t c);     ///< Mn
[[nodiscard]] bool is_control_or_private(char32_t c);  ///< Cc, Cf, Co
[[nodiscard]] bool is_word(char32_t c);                ///< \w of a Unicode regular expression

/// What Python's repr shows as it is.
[[nodiscard]] bool is_printable(char32_t c);
[[nodiscard]] char32_t to_upper(char32_t c);
/// Character by character, so without the rule for a sigma at the end of a word.
[[nodiscard]] std::string lowercase(std::string_view text);

enum class NormalForm { nfc, nfd, nfkc, nfkd };
[[nodiscard]] std::string normalize(std::string_view text, NormalForm form);

}  // namespace evoke::text
