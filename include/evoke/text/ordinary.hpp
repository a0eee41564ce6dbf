#pragma once

#include "evoke/text/tokenizer.hpp"

namespace evoke::text {

/// Whether a prompt may hold the token: not special, printable, and read again as itself at the
/// start of a text, within a word or behind a sentence.
[[nodiscard]] bool is_ordinary(const Tokenizer& tokenizer, TokenId id);

}  // namespace evoke::text
