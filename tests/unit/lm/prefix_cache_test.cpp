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
    cache.insert(a, prefix(10));
    EXPECT_TRUE(cache.find(a));
    EXPECT_FALSE(cache.find(b));
    EXPECT_FALSE(cache.find({}));
}

TEST(PrefixCache, drops_the_least_recently_used_first) {
    PrefixCache cache{30};
    cache.insert(a, prefix(10));
    cache.insert(b, prefix(10));
    EXPECT_TRUE(cache.find(a));
    cache.insert(c, prefix(20));
    EXPECT_TRUE(cache.find(a));
    EXPECT_FALSE(cache.find(b));
    EXPECT_TRUE(cache.find(c));
    EXPECT_EQ(cache.bytes(), 30);
}

TEST(PrefixCache, what_exceeds_the_budget_alone_is_not_kept) {
    PrefixCache cache{30};
    cache.insert(a, prefix(10));
    cache.insert(b, prefix(31));
    EXPECT_TRUE(cache.find(a));
    EXPECT_FALSE(cache.find(b));
}

TEST(PrefixCache, what_is_dropped_lives_while_it_is_used) {
    PrefixCache cache{10};
    cache.insert(a, prefix(10));
    const auto held = cache.find(a);
    cache.insert(b, prefix(10));
    EXPECT_FALSE(cache.find(a));
    EXPECT_EQ(held->state->bytes(), 10);
}

}  // namespace
}  // namespace evoke::lm
