#include "text/word_cache.hpp"

#include "evoke/core/hash.hpp"

namespace evoke::text {

std::size_t WordCache::place_of(std::string_view word) {
    return static_cast<std::size_t>(checksum64(as_bytes(word))) & (slot_count - 1);
}

const std::vector<TokenId>* WordCache::find(std::string_view word) const {
    const Slot& slot = slots_[place_of(word)];
    return !word.empty() && slot.word == word ? &slot.tokens : nullptr;
}

void WordCache::store(std::string_view word, std::vector<TokenId> tokens) {
    slots_[place_of(word)] = {std::string{word}, std::move(tokens)};
}

WordCachePool::Lease WordCachePool::borrow() {
    const std::scoped_lock lock{mutex_};
    if (free_.empty()) return {*this, std::make_unique<WordCache>()};
    std::unique_ptr<WordCache> cache = std::move(free_.back());
    free_.pop_back();
    return {*this, std::move(cache)};
}

void WordCachePool::give_back(std::unique_ptr<WordCache> cache) {
    const std::scoped_lock lock{mutex_};
    free_.push_back(std::move(cache));
}

}  // namespace evoke::text
