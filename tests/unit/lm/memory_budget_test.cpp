#include "lm/memory_budget.hpp"

#include <gmock/gmock.h>

namespace evoke::lm {
namespace {

/// The shape of Llama 3.1 8B: about 0.2 MB for a row of a forward.
ModelSpec large() {
    ModelSpec spec;
    spec.hidden = 4096;
    spec.heads = 32;
    spec.key_value_heads = 8;
    spec.head_dim = 128;
    spec.feed_forward = 14336;
    return spec;
}

constexpr std::size_t gib = std::size_t{1} << 30U;

TEST(MemoryBudget, a_chunk_is_2048_where_memory_allows) {
    EXPECT_EQ(fitting_chunk(large(), at::kBFloat16, 60 * gib), 2048);
    EXPECT_EQ(fitting_chunk(large(), at::kBFloat16, 4 * gib), 2048);
}

TEST(MemoryBudget, a_chunk_shrinks_with_memory_and_grows_with_nothing) {
    EXPECT_EQ(fitting_chunk(large(), at::kBFloat16, gib), 1024);
    EXPECT_EQ(fitting_chunk(large(), at::kFloat, gib), 512);
    EXPECT_EQ(fitting_chunk(large(), at::kBFloat16, 0), 64);
}

TEST(MemoryBudget, experts_take_what_a_token_uses_of_them) {
    ModelSpec spec = large();
    spec.feed_forward = 0;
    spec.experts = {.count = 128, .used = 8, .feed_forward = 14336};
    EXPECT_LT(fitting_chunk(spec, at::kBFloat16, 4 * gib),
              fitting_chunk(large(), at::kBFloat16, 4 * gib));
}

TEST(MemoryBudget, what_the_user_names_holds) {
    EXPECT_EQ(chunk_tokens({.chunk_tokens = 77}, large(), 0, at::kFloat, at::kCPU), 77);
    EXPECT_EQ(chunk_tokens({}, large(), 0, at::kFloat, at::kCPU), 2048);
    EXPECT_EQ(prefix_cache_bytes({.prefix_cache_mib = 3}, at::kCPU), std::size_t{3} << 20U);
    EXPECT_EQ(prefix_cache_bytes({}, at::kCPU), std::size_t{256} << 20U);
}

}  // namespace
}  // namespace evoke::lm
