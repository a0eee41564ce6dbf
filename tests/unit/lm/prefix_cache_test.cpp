#include "lm/prefix_cache.hpp"

#include <gmock/gmock.h>

namespace evoke::lm {
namespace {

class State final : public KvState {
public:
    explicit State(std::size_t size) : KvState{0, 1}, size_{size} {}
    [[nodiscard]] std::size_t bytes() const override { return size_; }

private:
    std::size_t size_;
};

CachedPrefix prefix(std::size_t size) {
    return {std::make_shared<State>(size), {}};
}

const std::vector<TokenId> a{1, 2};
const std::vector<TokenId> b{1, 2, 3};
const std::vector<TokenId> c{9};

TEST(PrefixCache, finds_what_was_inserted_by_all_of_its_ids) {
    PrefixCache cache{100};
    cache.insert(a, false, prefix(10));
    EXPECT_TRUE(cache.find(a, false));
    EXPECT_FALSE(cache.find(b, false));
    EXPECT_FALSE(cache.find({}, false));
}

TEST(PrefixCache, long_texts_have_states_of_their_own) {
    PrefixCache cache{100};
    cache.insert(a, true, prefix(10));
    EXPECT_TRUE(cache.find(a, true));
    EXPECT_FALSE(cache.find(a, false));
}

TEST(PrefixCache, drops_the_least_recently_used_first) {
    PrefixCache cache{30};
    cache.insert(a, false, prefix(10));
    cache.insert(b, false, prefix(10));
    EXPECT_TRUE(cache.find(a, false));
    cache.insert(c, false, prefix(20));
    EXPECT_TRUE(cache.find(a, false));
    EXPECT_FALSE(cache.find(b, false));
    EXPECT_TRUE(cache.find(c, false));
    EXPECT_EQ(cache.bytes(), 30);
}

TEST(PrefixCache, what_exceeds_the_budget_alone_is_not_kept) {
    PrefixCache cache{30};
    cache.insert(a, false, prefix(10));
    cache.insert(b, false, prefix(31));
    EXPECT_TRUE(cache.find(a, false));
    EXPECT_FALSE(cache.find(b, false));
}

TEST(PrefixCache, what_is_dropped_lives_while_it_is_used) {
    PrefixCache cache{10};
    cache.insert(a, false, prefix(10));
    const auto held = cache.find(a, false);
    cache.insert(b, false, prefix(10));
    EXPECT_FALSE(cache.find(a, false));
    EXPECT_EQ(held->state->bytes(), 10);
}

}  // namespace
}  // namespace evoke::lm
