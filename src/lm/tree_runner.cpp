#include "lm/tree_runner.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace evoke::lm {

TreeRunner::TreeRunner(TreeMachine machine, const std::vector<TreeNode>& nodes)
    : machine_{machine},
      nodes_{nodes},
      states_(nodes.size()),
      last_rows_(nodes.size()),
      todo_(nodes.size(), true),
      last_use_(nodes.size(), 0) {}

void TreeRunner::run(const Rows& rows) {
    take_cached();
    schedule();
    answer_cached(rows);
    for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
        run_chunk(chunks_[chunk], rows);
        release(chunk);
        if (machine_.progress) machine_.progress();
    }
}

void TreeRunner::take_cached() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (!nodes_[i].shared_prefix) continue;
        if (std::optional<CachedPrefix> cached =
                machine_.cache.find(nodes_[i].tokens, nodes_[i].long_text)) {
            states_[i] = std::move(cached->state);
            last_rows_[i] = std::move(cached->last_row);
            todo_[i] = false;
        }
    }
}

void TreeRunner::schedule() {
    chunks_ = cut_into_chunks(nodes_, todo_, machine_.chunk_tokens);
    for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk)
        for (const Piece& piece : chunks_[chunk])
            for (std::int64_t node = piece.node; node >= 0; node = nodes_[index(node)].parent)
                last_use_[index(node)] = std::max(last_use_[index(node)], chunk);
}

void TreeRunner::answer_cached(const Rows& rows) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (todo_[i]) continue;
        const auto last = static_cast<std::int64_t>(nodes_[i].tokens.size()) - 1;
        rows({{static_cast<std::int64_t>(i), last}}, last_rows_[i]);
    }
}

void TreeRunner::add_piece(const Piece& piece, ForwardInput& input, std::vector<TreeRow>& wanted) {
    const TreeNode& node = nodes_[index(piece.node)];
    std::shared_ptr<KvState>& state = states_[index(piece.node)];
    if (!state)
        state = machine_.transformer.backend().allocate(
            node.first_position, static_cast<std::int64_t>(node.tokens.size()));
    Span span;
    span.first_row = static_cast<std::int64_t>(input.ids.size());
    span.count = piece.count;
    span.position = node.first_position + piece.offset;
    span.long_text = node.long_text;
    for (std::int64_t at = piece.node; at >= 0; at = nodes_[index(at)].parent)
        span.states.push_back(states_[index(at)].get());
    std::ranges::reverse(span.states);

    const auto first = node.tokens.begin() + piece.offset;
    input.ids.insert(input.ids.end(), first, first + piece.count);
    for (const std::int64_t offset : node.outputs) {
        if (offset < piece.offset || offset >= piece.offset + piece.count) continue;
        input.outputs.push_back(span.first_row + offset - piece.offset);
        wanted.push_back({piece.node, offset});
    }
    input.spans.push_back(std::move(span));
}

void TreeRunner::run_chunk(const std::vector<Piece>& chunk, const Rows& rows) {
    ForwardInput input{.shape = machine_.chunk_tokens};
    std::vector<TreeRow> wanted;
    for (const Piece& piece : chunk) add_piece(piece, input, wanted);
    const at::Tensor states = machine_.transformer.forward(input);
    if (!wanted.empty()) rows(wanted, states);

    for (std::size_t row = 0; row < wanted.size(); ++row) {
        const TreeNode& node = nodes_[index(wanted[row].node)];
        const bool last = wanted[row].offset + 1 == static_cast<std::int64_t>(node.tokens.size());
        if (!node.shared_prefix || !last) continue;
        const at::Tensor own = states.narrow(0, static_cast<std::int64_t>(row), 1).clone();
        machine_.cache.insert(node.tokens, node.long_text, {states_[index(wanted[row].node)], own});
    }
}

void TreeRunner::release(std::size_t chunk) {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        if (last_use_[i] == chunk) states_[i].reset();
}

std::vector<std::shared_ptr<KvState>> TreeRunner::states(std::int64_t node) const {
    std::vector<std::shared_ptr<KvState>> path;
    for (; node >= 0; node = nodes_[index(node)].parent) path.push_back(states_[index(node)]);
    std::ranges::reverse(path);
    return path;
}

}  // namespace evoke::lm
