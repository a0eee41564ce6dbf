#include "evoke/core/random.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace evoke {

namespace {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

constexpr std::uint32_t low_half(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high_half(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32U);
}

/// The upper 64 bits of the product.
std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t low = std::uint64_t{low_half(a)} * low_half(b);
    const std::uint64_t cross = std::uint64_t{high_half(a)} * low_half(b) + high_half(low);
    const std::uint64_t other = std::uint64_t{low_half(a)} * high_half(b) + low_half(cross);
    return std::uint64_t{high_half(a)} * high_half(b) + high_half(cross) + high_half(other);
}

}  // namespace

Counter philox4x32_10(Counter counter, Key key) {
    constexpr std::uint64_t multiplier_0 = 0xD2511F53;
    constexpr std::uint64_t multiplier_1 = 0xCD9E8D57;
    constexpr Key weyl{0x9E3779B9, 0xBB67AE85};
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product_0 = multiplier_0 * counter[0];
        const std::uint64_t product_1 = multiplier_1 * counter[2];
        counter = {high_half(product_1) ^ counter[1] ^ key[0], low_half(product_1),
                   high_half(product_0) ^ counter[3] ^ key[1], low_half(product_0)};
        key = {key[0] + weyl[0], key[1] + weyl[1]};
    }
    return counter;
}

// A key and a draw are 224 bits, one Philox block takes 192, so there are two blocks: the first
// turns (generation, slot, attempt, purpose) into 128 bits, one to one for a given seed; the second
// takes all of these and the draw as its input. No two draws of one seed share an input.
std::uint64_t random_bits(const RandomKey& key, std::uint32_t draw) {
    const Counter stream = philox4x32_10(
        {key.generation, key.slot, key.attempt, static_cast<std::uint32_t>(key.purpose)},
        {low_half(key.seed), high_half(key.seed)});
    const Counter block = philox4x32_10({draw, 0, stream[2], stream[3]}, {stream[0], stream[1]});
    return std::uint64_t{block[1]} << 32U | block[0];
}

double random_uniform(const RandomKey& key, std::uint32_t draw) {
    return static_cast<double>(random_bits(key, draw) >> 11U) * 0x1.0p-53;
}

std::uint64_t random_below(const RandomKey& key, std::uint32_t draw, std::uint64_t bound) {
    if (bound == 0) throw std::invalid_argument{"random_below: expected a bound of 1 or more"};
    return multiply_high(random_bits(key, draw), bound);
}

std::vector<std::size_t> random_permutation(const RandomKey& key, std::size_t size,
                                            std::uint32_t first_draw) {
    std::vector<std::size_t> order(size);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = 0; i + 1 < size; ++i) {
        const auto draw = first_draw + static_cast<std::uint32_t>(i);
        std::swap(order[i], order[i + random_below(key, draw, size - i)]);
    }
    return order;
}

std::size_t random_weighted(const RandomKey& key, std::uint32_t draw,
                            std::span<const double> weights) {
    if (weights.empty()) throw std::invalid_argument{"random_weighted: no weights"};
    double total = 0;
    std::size_t last_positive = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!(weights[i] >= 0) || std::isinf(weights[i]))
            throw std::invalid_argument{"random_weighted: a weight is negative or not finite"};
        total += weights[i];
        if (weights[i] > 0) last_positive = i;
    }
    if (total == 0) return random_below(key, draw, weights.size());
    const double aim = random_uniform(key, draw) * total;
    double passed = 0;
    for (std::size_t i = 0; i < last_positive; ++i) {
        passed += weights[i];
        if (aim < passed) return i;
    }
    return last_positive;
}

}  // namespace evoke
