#pragma once

#include <cstdint>
#include <vector>

#include "evoke/core/ids.hpp"

namespace evoke::population {

/// A fixed list of examples: what makes comparisons paired.
struct Block {
    std::uint32_t number = 0;
    std::vector<ExampleId> examples;

    friend bool operator==(const Block&, const Block&) = default;
};

}  // namespace evoke::population
