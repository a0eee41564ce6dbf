#include "text/byte_trie.hpp"

#include <utility>

namespace evoke::text {

ByteTrie::ByteTrie() : edges_(64), values_(1, no_value) {}

void ByteTrie::insert(std::string_view text, std::int32_t value) {
    std::uint32_t node = root;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        std::uint32_t next = child(node, byte);
        if (next == none) {
            next = static_cast<std::uint32_t>(values_.size());
            values_.push_back(no_value);
            if (2 * ++edge_count_ > edges_.size()) grow();
            add_edge({key_of(node, byte), next});
        }
        node = next;
    }
    values_[node] = value;
}

void ByteTrie::add_edge(Edge edge) {
    std::size_t at = place_of(edge.key);
    while (edges_[at].child != none) at = (at + 1) & (edges_.size() - 1);
    edges_[at] = edge;
}

void ByteTrie::grow() {
    const std::vector<Edge> old = std::exchange(edges_, std::vector<Edge>(edges_.size() * 2));
    for (const Edge& edge : old) {
        if (edge.child != none) add_edge(edge);
    }
}

}  // namespace evoke::text
