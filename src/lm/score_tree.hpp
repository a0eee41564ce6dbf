#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "evoke/core/ids.hpp"
#include "evoke/lm/language_model.hpp"

namespace evoke::lm {

/// A run of ids that is computed once, however many requests go through it.
struct TreeNode {
    std::int64_t parent = -1;  ///< -1: starts at position 0
    std::vector<TokenId> tokens;
    std::int64_t first_position = 0;
    bool shared_prefix = false;         ///< worth keeping between calls
    bool long_text = false;             ///< see Span
    std::vector<std::int64_t> outputs;  ///< offsets whose hidden state is wanted, ascending
};

/// The log-probability of `token` after row `offset` of `node` is number `slot` of the answer to
/// `request`.
struct ScoreTarget {
    std::int64_t node = 0;
    std::int64_t offset = 0;
    TokenId token = 0;
    std::size_t request = 0;
    std::size_t slot = 0;
};

/// stem → prefix → context → continuation, as the requests declare it. Continuations of one context
/// share their first ids; the last id of each is only looked up, never fed.
struct ScoreTree {
    std::vector<TreeNode> nodes;  ///< depth first: a node comes after its parent
    std::vector<ScoreTarget> targets;
};

/// Where the ids of a request may be cut into nodes.
enum class Cuts : std::uint8_t {
    free,      ///< wherever requests part
    declared,  ///< where the request itself is split, whatever else is there
};

/// Requests that feed more than `short_text` ids share nothing with shorter ones.
/// Requires: every request of `included` is well-formed.
[[nodiscard]] ScoreTree build_score_tree(std::span<const ScoreRequest> requests,
                                         std::span<const std::size_t> included,
                                         std::int64_t short_text, Cuts cuts = Cuts::free);

/// Some of a node's ids, in one packed forward.
struct Piece {
    std::int64_t node = 0;
    std::int64_t offset = 0;
    std::int64_t count = 0;
};

/// Packs the nodes that `todo` marks, in order, into chunks of at most `budget` ids; a node may be
/// cut. Requires: budget > 0, todo.size() == nodes.size().
[[nodiscard]] std::vector<std::vector<Piece>> cut_into_chunks(std::span<const TreeNode> nodes,
                                                              const std::vector<bool>& todo,
                                                              std::int64_t budget);

}  // namespace evoke::lm
