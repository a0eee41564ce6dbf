#pragma once

namespace evoke::text {

/// The reference tokenizers rest on crates that carry tables of several Unicode versions: 8
/// (punctuation, control and nonspacing characters of BERT), 9 (normal forms, marks) and 17
/// (numbers, lower case). utf8proc has one version. These are the characters on which they
/// disagree; all are rare.

/// The class is the opposite of what utf8proc says.
[[nodiscard]] bool differs_as_mark(char32_t c);
[[nodiscard]] bool differs_as_nonspacing_mark(char32_t c);
[[nodiscard]] bool differs_as_control(char32_t c);
[[nodiscard]] bool differs_as_punctuation(char32_t c);

/// Younger than the tables of normal forms: such a character stays as it is, and nothing moves
/// across it.
[[nodiscard]] bool is_inert_in_normalization(char32_t c);

/// A number too young for utf8proc.
[[nodiscard]] bool is_newer_number(char32_t c);

/// The small form of a letter too young for utf8proc; `c` itself for every other.
[[nodiscard]] char32_t newer_lowercase(char32_t c);

}  // namespace evoke::text
