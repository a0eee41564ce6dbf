#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace evoke {

/// One block of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11).
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                                         std::array<std::uint32_t, 2> key);

/// What a random number is for. Values are part of the run's identity: never renumber.
enum class Purpose : std::uint32_t {
    split = 1,          ///< drawing dev, test and demonstration examples
    selection = 2,      ///< choosing parents
    variation = 3,      ///< edit operators, choices inside an operator
    proposal = 4,       ///< sampling of a language model that proposes
    evaluation = 5,     ///< sampling of a language model that answers: keyed by content alone
    blocks = 6,         ///< grouping examples into blocks
    demonstration = 7,  ///< choosing demonstrations
    initial = 8,        ///< making the first population
};

/// Names one stream of draws. There is no engine and no state: draw number n of a key is a pure
/// function, so nothing depends on who draws first (design rule 6.1).
struct RandomKey {
    std::uint64_t seed = 0;
    Purpose purpose = Purpose::selection;
    std::uint32_t generation = 0;
    std::uint32_t slot = 0;
    std::uint32_t attempt = 0;

    friend bool operator==(const RandomKey&, const RandomKey&) = default;
};

/// Draw number `draw` of `key`, 64 uniform bits.
[[nodiscard]] std::uint64_t random_bits(const RandomKey& key, std::uint32_t draw);

/// Uniform in [0, 1), 53 bits.
[[nodiscard]] double random_uniform(const RandomKey& key, std::uint32_t draw);

/// Uniform in [0, bound), without bias beyond 2^-64.
/// Requires: bound > 0.
[[nodiscard]] std::uint64_t random_below(const RandomKey& key, std::uint32_t draw,
                                         std::uint64_t bound);

/// A permutation of 0..size-1 (Fisher-Yates), from draws first_draw .. first_draw+size-1.
[[nodiscard]] std::vector<std::size_t> random_permutation(const RandomKey& key, std::size_t size,
                                                          std::uint32_t first_draw = 0);

/// An index drawn in proportion to `weights`; uniform when all are zero.
/// Requires: weights not empty, none negative or NaN.
[[nodiscard]] std::size_t random_weighted(const RandomKey& key, std::uint32_t draw,
                                          std::span<const double> weights);

}  // namespace evoke
