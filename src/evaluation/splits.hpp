#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/core/ids.hpp"
#include "evoke/evaluation/task.hpp"

namespace evoke::evaluation {

/// How many of the examples came from which file: dev's first, then test's, then demonstrations'.
struct FileSizes {
    std::size_t dev = 0;
    std::size_t test = 0;
    std::size_t demonstrations = 0;
};

struct Splits {
    std::vector<ExampleId> dev, test, demonstrations;
};

/// Draws dev, test and demonstration examples so that no input stands in two of them. A split with
/// a file of its own is drawn from that, any other from what is left of dev's file. Dev comes
/// first: whatever of the others has an input of dev is left out; then test before demonstrations.
/// Only where dev is "all that is left" of a file it shares is it drawn last.
/// Adds a mistake for each split that finds too few examples.
[[nodiscard]] Splits draw_splits(const TaskOptions& options, std::span<const Example> examples,
                                 const FileSizes& sizes, std::uint64_t seed,
                                 Diagnostics& diagnostics);

/// Divides `examples` at random into `count` blocks of sizes that differ by one at most.
/// Requires: 1 <= count.
[[nodiscard]] std::vector<population::Block> draw_blocks(std::span<const ExampleId> examples,
                                                         std::size_t count, std::uint64_t seed);

}  // namespace evoke::evaluation
