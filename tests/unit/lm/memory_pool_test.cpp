#include "lm/memory_pool.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <cstring>
#include <optional>

namespace evoke::lm {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

TEST(MemoryPool, hands_out_again_what_came_back) {
    MemoryPool pool{64 * mib};
    auto memory = pool.take(5 * mib);
    const void* place = memory.get();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(place) % 64, 0U);
    EXPECT_NE(pool.take(5 * mib).get(), place);
    const std::size_t unused = pool.unused_bytes();
    memory.reset();
    EXPECT_GE(pool.unused_bytes(), unused + 5 * mib);
    // Nearly the same size will do, a much smaller one would waste it.
    EXPECT_NE(pool.take(1 * mib).get(), place);
    const auto first = pool.take(4 * mib + 1);
    const auto second = pool.take(4 * mib + 1);
    EXPECT_TRUE(first.get() == place || second.get() == place);
}

TEST(MemoryPool, keeps_no_more_than_its_limit) {
    MemoryPool pool{8 * mib};
    auto first = pool.take(6 * mib);
    auto second = pool.take(6 * mib);
    first.reset();
    second.reset();
    EXPECT_EQ(pool.unused_bytes(), 6 * mib);
}

TEST(MemoryPool, may_go_before_its_memory) {
    std::optional<MemoryPool> pool{8 * mib};
    const auto memory = pool->take(mib);
    pool.reset();
    std::memset(memory.get(), 1, mib);
    EXPECT_EQ(static_cast<const char*>(memory.get())[mib - 1], 1);
}

}  // namespace
}  // namespace evoke::lm
