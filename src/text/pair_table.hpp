#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "evoke/core/ids.hpp"

namespace evoke::text {

/// What merging two neighbouring tokens gives; lower ranks merge first.
struct Merge {
    static constexpr std::uint32_t no_rank = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t rank = no_rank;
    TokenId result = -1;

    [[nodiscard]] bool exists() const { return rank != no_rank; }
};

/// From a pair of tokens to its merge: open addressing, sized once.
class PairTable {
public:
    explicit PairTable(std::size_t pairs) {
        std::size_t size = 16;
        while (size < pairs * 2) size *= 2;
        slots_.resize(size);
        mask_ = size - 1;
    }

    /// A pair given again takes the later merge.
    void insert(TokenId left, TokenId right, Merge merge) {
        const std::uint64_t key = key_of(left, right);
        std::size_t at = place_of(key);
        while (slots_[at].key != empty && slots_[at].key != key) at = (at + 1) & mask_;
        slots_[at] = {key, merge};
    }

    [[nodiscard]] Merge find(TokenId left, TokenId right) const {
        const std::uint64_t key = key_of(left, right);
        std::size_t at = place_of(key);
        while (slots_[at].key != empty) {
            if (slots_[at].key == key) return slots_[at].merge;
            at = (at + 1) & mask_;
        }
        return {};
    }

private:
    static constexpr std::uint64_t empty = std::numeric_limits<std::uint64_t>::max();
    struct Slot {
        std::uint64_t key = empty;
        Merge merge;
    };

    static std::uint64_t key_of(TokenId left, TokenId right) {
        return (std::uint64_t{static_cast<std::uint32_t>(left)} << 32) |
               static_cast<std::uint32_t>(right);
    }
    [[nodiscard]] std::size_t place_of(std::uint64_t key) const {
        // Fibonacci hashing: the high bits are the well mixed ones.
        return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 24U) & mask_;
    }

    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
};

}  // namespace evoke::text
