#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/core/ids.hpp"

namespace evoke::text {

/// The tokens of recent words. A word has one place, where the latest word stays: bounded, and
/// never in the way of correctness.
class WordCache {
public:
    WordCache() : slots_(slot_count) {}

    static bool takes(std::string_view word) { return word.size() <= longest_word; }
    /// nullptr when the word is not there.
    [[nodiscard]] const std::vector<TokenId>* find(std::string_view word) const;
    void store(std::string_view word, std::vector<TokenId> tokens);

private:
    static constexpr std::size_t slot_count = std::size_t{1} << 15U;
    static constexpr std::size_t longest_word = 64;  // bytes

    struct Slot {
        std::string word;
        std::vector<TokenId> tokens;
    };
    [[nodiscard]] static std::size_t place_of(std::string_view word);

    std::vector<Slot> slots_;
};

/// Lends each caller a cache of its own, so that threads share a tokenizer without waiting.
class WordCachePool {
public:
    class Lease {
    public:
        Lease(WordCachePool& pool, std::unique_ptr<WordCache> cache)
            : pool_{&pool}, cache_{std::move(cache)} {}
        ~Lease() { pool_->give_back(std::move(cache_)); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        WordCache* operator->() { return cache_.get(); }

    private:
        WordCachePool* pool_;
        std::unique_ptr<WordCache> cache_;
    };

    [[nodiscard]] Lease borrow();

private:
    void give_back(std::unique_ptr<WordCache> cache);

    std::mutex mutex_;
    std::vector<std::unique_ptr<WordCache>> free_;
};

}  // namespace evoke::text
