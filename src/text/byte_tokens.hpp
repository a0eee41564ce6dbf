#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "text/vocabulary.hpp"

namespace evoke::text {

/// The tokens <0x00> … <0xFF>, with which a vocabulary spells what it has no token for.
class ByteTokens {
public:
    explicit ByteTokens(const Vocabulary& vocabulary);
    /// One token a byte; empty when one of them is missing.
    [[nodiscard]] std::vector<TokenId> spell(std::string_view text) const;

private:
    std::array<std::optional<TokenId>, 256> tokens_;
};

}  // namespace evoke::text
