#include "text/byte_tokens.hpp"

#include <string>

namespace evoke::text {

ByteTokens::ByteTokens(const Vocabulary& vocabulary) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (std::size_t byte = 0; byte < tokens_.size(); ++byte) {
        const std::string name{'<', '0', 'x', digits[byte / 16], digits[byte % 16], '>'};
        tokens_[byte] = vocabulary.id(name);
    }
}

std::vector<TokenId> ByteTokens::spell(std::string_view text) const {
    std::vector<TokenId> tokens;
    tokens.reserve(text.size());
    for (const char c : text) {
        const auto token = tokens_[static_cast<std::uint8_t>(c)];
        if (!token) return {};
        tokens.push_back(*token);
    }
    return tokens;
}

}  // namespace evoke::text
