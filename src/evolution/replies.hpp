#pragma once

#include <string_view>

#include "evoke/evolution/operators.hpp"

namespace evoke::evolution {

/// The text between the last <prompt> and the </prompt> after it.
///   * open tag without a closing one: truncated when the reply was cut off; otherwise the rest of
///     the reply (a stop text may have taken the closing tag).
///   * no open tag: truncated when the reply was cut off; otherwise, when the reply is one line,
///   that
///     line (the model skipped the tags); else malformed, since nobody can tell which line is
///     meant.
///   * nothing in it but white space: empty. Control characters or U+FFFD in it: malformed.
[[nodiscard]] Parsed parse_tagged(const Reply& reply);

/// The first line of a list item that the model wrote, without surrounding white space and quotes.
/// A line that the limit cut off ends at its last whole sentence; without one it is truncated.
[[nodiscard]] Parsed parse_first_line(const Reply& reply);

/// The reply up to the end of its first sentence or line. Truncated when it was cut off before.
[[nodiscard]] Parsed parse_sentence(const Reply& reply);

/// `text` without white space at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace evoke::evolution
