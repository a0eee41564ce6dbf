#pragma once

#include "checkpoint/tree.hpp"
#include "evoke/checkpoint/generation_file.hpp"

namespace evoke::checkpoint {

/// The record as columns. Rows of the score matrix that belong to nobody in it are left out.
/// Throws std::invalid_argument for a record whose parts do not fit together.
[[nodiscard]] Tree encode(const GenerationRecord& record);

/// One score matrix as columns below `path`.
void encode_scores(Tree& tree, const std::string& path, const population::ScoreMatrix& scores,
                   std::span<const IndividualId> rows, bool scientific);

/// What stands for "no child" in /proposals/child.
inline constexpr std::uint64_t no_individual = ~std::uint64_t{0};

}  // namespace evoke::checkpoint
