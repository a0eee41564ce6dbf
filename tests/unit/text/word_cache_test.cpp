#include "text/word_cache.hpp"

#include <gtest/gtest.h>

namespace evoke::text {
namespace {

TEST(WordCache, gives_back_what_was_stored_for_the_very_word) {
    WordCache cache;
    EXPECT_EQ(cache.find("word"), nullptr);
    cache.store("word", {1, 2});
    ASSERT_NE(cache.find("word"), nullptr);
    EXPECT_EQ(*cache.find("word"), (std::vector<TokenId>{1, 2}));
    EXPECT_EQ(cache.find("other"), nullptr);
    EXPECT_EQ(cache.find(""), nullptr);
}

TEST(WordCache, stays_right_when_words_take_each_others_place) {
    WordCache cache;
    for (int i = 0; i < 200000; ++i) cache.store(std::to_string(i), {i});
    int found = 0;
    for (int i = 0; i < 200000; ++i) {
        const auto* tokens = cache.find(std::to_string(i));
        if (tokens == nullptr) continue;
        EXPECT_EQ(*tokens, std::vector<TokenId>{i});
        ++found;
    }
    EXPECT_GT(found, 10000);
    EXPECT_LT(found, 100000);
}

TEST(WordCachePool, a_returned_cache_is_lent_again) {
    WordCachePool pool;
    {
        auto lease = pool.borrow();
        lease->store("word", {1});
        auto other = pool.borrow();
        EXPECT_EQ(other->find("word"), nullptr);
    }
    auto first = pool.borrow();
    auto second = pool.borrow();
    EXPECT_TRUE((first->find("word") != nullptr) != (second->find("word") != nullptr));
}

}  // namespace
}  // namespace evoke::text
