#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace evoke::text {

/// GPT-2's spelling of arbitrary bytes as visible characters: a vocabulary of such characters
/// needs no unknown token.

/// Each byte of `bytes` as its character.
[[nodiscard]] std::string spell_bytes(std::string_view bytes);
/// nullopt when a character stands for no byte. Requires: valid UTF-8.
[[nodiscard]] std::optional<std::string> bytes_from_spelling(std::string_view spelling);

}  // namespace evoke::text
