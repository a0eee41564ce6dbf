#include <gtest/gtest.h>

#include <stdexcept>

#include "evoke/core/random.hpp"
#include "unit/population/largest_request.hpp"
#include "unit/population/wire_samples.hpp"

namespace evoke::population {
namespace {

using test::largest_request;

std::vector<Bytes> samples() {
    return {encode(Unit{sample_evaluate()}), encode(Unit{sample_ask()}),
            encode(Unit{sample_continue()}), encode(UnitResult{sample_outcomes()}),
            encode(UnitResult{sample_reply()})};
}

/// Decodes as both kinds. Returns whether either was accepted; anything but a value or a
/// std::runtime_error ends the test.
bool decodes(ByteView bytes) {
    bool accepted = false;
    try {
        (void)decode_unit(bytes);
        accepted = true;
    } catch (const std::runtime_error&) {
    }
    try {
        (void)decode_result(bytes);
        accepted = true;
    } catch (const std::runtime_error&) {
    }
    return accepted;
}

TEST(WireCorruption, every_truncation_is_refused) {
    for (const Bytes& whole : samples()) {
        ASSERT_TRUE(decodes(whole));
        for (std::size_t size = 0; size < whole.size(); ++size)
            EXPECT_FALSE(decodes(ByteView{whole}.first(size))) << size << " of " << whole.size();
    }
}

TEST(WireCorruption, no_length_makes_it_take_more_memory_than_the_message_could_fill) {
    constexpr std::size_t limit = 64 * 1024;  // samples are below 200 bytes; streams need buffers
    for (const Bytes& whole : samples()) {
        for (std::size_t offset = 3; offset + 4 <= whole.size(); ++offset) {
            Bytes hostile = whole;
            for (std::size_t i = 0; i < 4; ++i) hostile[offset + i] = std::byte{0xff};
            largest_request = 0;
            (void)decodes(hostile);
            EXPECT_LE(largest_request, limit) << "at " << offset;
        }
    }
}

TEST(WireCorruption, random_damage_is_refused_or_read_but_never_worse) {
    const std::vector<Bytes> whole = samples();
    std::size_t refused = 0;
    constexpr std::uint32_t rounds = 40000;
    largest_request = 0;
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const RandomKey key{.seed = 11, .generation = round};
        Bytes bytes = whole[random_below(key, 0, whole.size())];
        const std::uint64_t changes = 1 + random_below(key, 1, 8);
        for (std::uint32_t change = 0; change < changes; ++change)
            bytes[random_below(key, 2 + 2 * change, bytes.size())] =
                static_cast<std::byte>(random_below(key, 3 + 2 * change, 256));
        if (random_below(key, 50, 4) == 0) bytes.resize(random_below(key, 51, 2 * bytes.size()));
        if (!decodes(bytes)) ++refused;
    }
    EXPECT_LE(largest_request, std::size_t{64 * 1024});
    EXPECT_GT(refused, rounds / 2);
}

TEST(WireCorruption, noise_is_refused) {
    for (std::uint32_t round = 0; round < 20000; ++round) {
        const RandomKey key{.seed = 12, .generation = round};
        Bytes bytes(random_below(key, 0, 100));
        for (std::uint32_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::byte>(random_below(key, 1 + i, 256));
        (void)decodes(bytes);
    }
    EXPECT_FALSE(decodes({}));
}

}  // namespace
}  // namespace evoke::population
