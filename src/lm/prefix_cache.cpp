#include "lm/prefix_cache.hpp"

#include <algorithm>
#include <utility>

namespace evoke::lm {

std::optional<CachedPrefix> PrefixCache::find(std::span<const TokenId> tokens, bool long_text) {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return entry.long_text == long_text && std::ranges::equal(entry.tokens, tokens);
    });
    if (found == entries_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found);
    return found->prefix;
}

void PrefixCache::restart(std::size_t budget_bytes) {
    entries_.clear();
    bytes_ = 0;
    budget_ = budget_bytes;
}

void PrefixCache::insert(std::span<const TokenId> tokens, bool long_text, CachedPrefix prefix) {
    if (find(tokens, long_text)) return;
    const std::size_t size = prefix.state->bytes();
    if (size > budget_) return;
    while (bytes_ + size > budget_) {
        bytes_ -= entries_.back().prefix.state->bytes();
        entries_.pop_back();
    }
    entries_.push_front({{tokens.begin(), tokens.end()}, long_text, std::move(prefix)});
    bytes_ += size;
}

}  // namespace evoke::lm
