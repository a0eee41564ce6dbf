#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "lm/prefix_cache.hpp"
#include "lm/score_tree.hpp"
#include "lm/transformer.hpp"

namespace evoke::lm {

/// A row of a tree whose final state was computed.
struct TreeRow {
    std::int64_t node = 0;
    std::int64_t offset = 0;
};

/// What a tree is computed with.
struct TreeMachine {
    Transformer& transformer;
    PrefixCache& cache;
    std::int64_t chunk_tokens = 0;
    const std::function<void()>& progress;  ///< called after each packed forward; may be empty
    std::size_t most_texts = 128;           ///< that grow at the same time, within step_rows
};

/// Computes every node of a tree once, in packed forwards, through the prefix cache.
class TreeRunner {
public:
    /// Final states of wanted rows, [rows.size(), hidden].
    using Rows = std::function<void(const std::vector<TreeRow>& rows, const at::Tensor& states)>;

    TreeRunner(TreeMachine machine, const std::vector<TreeNode>& nodes);

    /// Nodes whose states are still there after `run`, e.g. to generate from.
    void keep(std::int64_t node) { last_use_[index(node)] = forever; }

    /// Hands each node's wanted rows to `rows`, in no order that results may depend on.
    void run(const Rows& rows);

    /// The states on the way to a node, from the root. Requires: kept, and run.
    [[nodiscard]] std::vector<std::shared_ptr<KvState>> states(std::int64_t node) const;

private:
    static constexpr std::size_t forever = static_cast<std::size_t>(-1);
    static std::size_t index(std::int64_t node) { return static_cast<std::size_t>(node); }

    void take_cached();
    void schedule();
    void answer_cached(const Rows& rows);
    void run_chunk(const std::vector<Piece>& chunk, const Rows& rows);
    void add_piece(const Piece& piece, ForwardInput& input, std::vector<TreeRow>& wanted);
    void release(std::size_t chunk);

    TreeMachine machine_;
    const std::vector<TreeNode>& nodes_;
    std::vector<std::shared_ptr<KvState>> states_;  ///< by node; null before and after its time
    std::vector<at::Tensor> last_rows_;             ///< of shared prefixes
    std::vector<bool> todo_;
    std::vector<std::size_t> last_use_;  ///< by node: the last chunk that reads its states
    std::vector<std::vector<Piece>> chunks_;
};

}  // namespace evoke::lm
