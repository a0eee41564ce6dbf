#include "lm/score_tree.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "evoke/core/hash.hpp"

namespace evoke::lm {

namespace {

/// Ids below a parent, to find equal ones.
struct Branch {
    std::int64_t parent;
    bool long_text;
    std::span<const TokenId> tokens;

    friend bool operator==(const Branch& a, const Branch& b) {
        return a.parent == b.parent && a.long_text == b.long_text &&
               std::ranges::equal(a.tokens, b.tokens);
    }
};

struct BranchHash {
    std::size_t operator()(const Branch& branch) const {
        return checksum64(std::as_bytes(branch.tokens)) ^
               static_cast<std::size_t>(branch.parent) * 0x9E37'79B9'7F4A'7C15U;
    }
};

/// Nodes in the order in which requests first need them; continuations id by id at first.
class TreeBuilder {
public:
    TreeBuilder(std::int64_t short_text, Cuts cuts) : short_text_{short_text}, cuts_{cuts} {}

    void add(const ScoreRequest& request, std::size_t index) {
        const std::span<const TokenId> ids = request.tokens;
        long_text_ = static_cast<std::int64_t>(ids.size()) - 1 > short_text_;
        std::int64_t node = -1;
        // The first part of a prefix is what the cache may know.
        const std::size_t first =
            request.stem_length > 0 ? request.stem_length : request.prefix_length;
        if (first > 0) {
            node = branch(node, ids.first(first));
            tree_.nodes[at(node)].shared_prefix = true;
        }
        if (first < request.prefix_length)
            node = branch(node, ids.subspan(first, request.prefix_length - first));
        const auto context =
            ids.subspan(request.prefix_length, request.context_length - request.prefix_length);
        if (!context.empty()) node = branch(node, context);
        if (cuts_ == Cuts::declared)
            add_whole_continuation(node, request, index);
        else
            add_continuation(node, request, index);
    }

    ScoreTree finish() {
        find_outputs();
        place_depth_first();
        return std::move(ordered_);
    }

private:
    static std::size_t at(std::int64_t node) { return static_cast<std::size_t>(node); }

    void add_target(std::int64_t node, TokenId token, std::size_t index, std::size_t slot) {
        const auto last = static_cast<std::int64_t>(tree_.nodes[at(node)].tokens.size()) - 1;
        tree_.targets.push_back({node, last, token, index, slot});
    }

    void add_continuation(std::int64_t node, const ScoreRequest& request, std::size_t index) {
        const std::span<const TokenId> ids = request.tokens;
        for (std::size_t slot = 0; request.context_length + slot < ids.size(); ++slot) {
            const std::size_t place = request.context_length + slot;
            if (slot > 0) node = branch(node, ids.subspan(place - 1, 1));
            add_target(node, ids[place], index, slot);
        }
    }

    void add_whole_continuation(std::int64_t node, const ScoreRequest& request, std::size_t index) {
        const auto ids = std::span{request.tokens}.subspan(request.context_length);
        add_target(node, ids[0], index, 0);
        if (ids.size() == 1) return;
        node = branch(node, ids.first(ids.size() - 1));
        for (std::size_t slot = 1; slot < ids.size(); ++slot)
            tree_.targets.push_back(
                {node, static_cast<std::int64_t>(slot) - 1, ids[slot], index, slot});
    }

    std::int64_t branch(std::int64_t parent, std::span<const TokenId> tokens) {
        const auto next = static_cast<std::int64_t>(tree_.nodes.size());
        const auto [found, added] = known_.try_emplace(Branch{parent, long_text_, tokens}, next);
        if (!added) return found->second;
        TreeNode node;
        node.parent = parent;
        node.long_text = long_text_;
        node.tokens.assign(tokens.begin(), tokens.end());
        if (parent >= 0) {
            const TreeNode& above = tree_.nodes[at(parent)];
            node.first_position =
                above.first_position + static_cast<std::int64_t>(above.tokens.size());
            children_[at(parent)].push_back(next);
        } else {
            roots_.push_back(next);
        }
        tree_.nodes.push_back(std::move(node));
        children_.emplace_back();
        return next;
    }

    void find_outputs() {
        for (const ScoreTarget& target : tree_.targets)
            tree_.nodes[at(target.node)].outputs.push_back(target.offset);
        for (TreeNode& node : tree_.nodes) {
            // A prefix that is found in the cache later must be able to answer for its last row.
            if (node.shared_prefix)
                node.outputs.push_back(static_cast<std::int64_t>(node.tokens.size()) - 1);
            std::ranges::sort(node.outputs);
            const auto repeated = std::ranges::unique(node.outputs);
            node.outputs.erase(repeated.begin(), repeated.end());
        }
    }

    /// Where a node's first id ended up.
    struct Place {
        std::int64_t node = 0;
        std::int64_t shift = 0;
    };

    void place_depth_first() {
        std::vector<Place> places(tree_.nodes.size());
        std::vector<std::int64_t> pending(roots_.rbegin(), roots_.rend());
        while (!pending.empty()) {
            const std::int64_t old = pending.back();
            pending.pop_back();
            places[at(old)] = place(old, places);
            const auto& below = children_[at(old)];
            pending.insert(pending.end(), below.rbegin(), below.rend());
        }
        ordered_.targets = std::move(tree_.targets);
        for (ScoreTarget& target : ordered_.targets) {
            const Place& to = places[at(target.node)];
            target.node = to.node;
            target.offset += to.shift;
        }
    }

    /// An only child that is not shared itself continues its parent, so that a long continuation is
    /// one run of ids.
    Place place(std::int64_t old, const std::vector<Place>& places) {
        TreeNode& node = tree_.nodes[at(old)];
        const std::int64_t above = node.parent;
        const bool continues = cuts_ == Cuts::free && above >= 0 &&
                               children_[at(above)].size() == 1 &&
                               !tree_.nodes[at(above)].shared_prefix;
        if (!continues) {
            if (above >= 0) node.parent = places[at(above)].node;
            ordered_.nodes.push_back(std::move(node));
            return {static_cast<std::int64_t>(ordered_.nodes.size()) - 1, 0};
        }
        const std::int64_t into = places[at(above)].node;
        TreeNode& whole = ordered_.nodes[at(into)];
        const auto shift = static_cast<std::int64_t>(whole.tokens.size());
        whole.tokens.insert(whole.tokens.end(), node.tokens.begin(), node.tokens.end());
        for (const std::int64_t offset : node.outputs) whole.outputs.push_back(offset + shift);
        return {into, shift};
    }

    std::int64_t short_text_;
    Cuts cuts_;
    bool long_text_ = false;  ///< of the request being added
    ScoreTree tree_;
    ScoreTree ordered_;
    std::vector<std::vector<std::int64_t>> children_;
    std::vector<std::int64_t> roots_;
    std::unordered_map<Branch, std::int64_t, BranchHash> known_;
};

}  // namespace

ScoreTree build_score_tree(std::span<const ScoreRequest> requests,
                           std::span<const std::size_t> included, std::int64_t short_text,
                           Cuts cuts) {
    TreeBuilder builder{short_text, cuts};
    for (const std::size_t index : included) builder.add(requests[index], index);
    return builder.finish();
}

std::vector<std::vector<Piece>> cut_into_chunks(std::span<const TreeNode> nodes,
                                                const std::vector<bool>& todo,
                                                std::int64_t budget) {
    std::vector<std::vector<Piece>> chunks;
    std::int64_t left = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!todo[i]) continue;
        const auto length = static_cast<std::int64_t>(nodes[i].tokens.size());
        for (std::int64_t offset = 0; offset < length;) {
            if (left == 0) {
                chunks.emplace_back();
                left = budget;
            }
            const std::int64_t count = std::min(left, length - offset);
            chunks.back().push_back({static_cast<std::int64_t>(i), offset, count});
            offset += count;
            left -= count;
        }
    }
    return chunks;
}

}  // namespace evoke::lm
