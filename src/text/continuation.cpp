#include <algorithm>

#include "evoke/text/tokenizer.hpp"

namespace evoke::text {

namespace {

/// Tokens in front that are decoded along: more than the bytes of a character.
constexpr std::size_t context_tokens = 8;

}  // namespace

std::string decode_behind(const Tokenizer& tokenizer, std::span<const TokenId> before,
                          std::span<const TokenId> ids, bool skip_special_tokens) {
    const auto context = before.last(std::min(before.size(), context_tokens));
    const std::string start = tokenizer.decode(context, skip_special_tokens);
    std::vector<TokenId> both{context.begin(), context.end()};
    both.insert(both.end(), ids.begin(), ids.end());
    const std::string whole = tokenizer.decode(both, skip_special_tokens);
    if (start.empty() || !whole.starts_with(start))
        return tokenizer.decode(ids, skip_special_tokens);
    return whole.substr(start.size());
}

}  // namespace evoke::text
