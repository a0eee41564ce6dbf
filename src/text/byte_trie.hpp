#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace evoke::text {

/// Finds all strings of a set that begin at a place of a text.
class ByteTrie {
public:
    ByteTrie();

    /// A string inserted again takes the later value.
    void insert(std::string_view text, std::int32_t value);

    /// Calls `found(length, value)` for each string of the set that `text` begins with, the
    /// shortest first.
    template <class Found>
    void prefixes_of(std::string_view text, Found found) const {
        std::uint32_t node = root;
        for (std::size_t i = 0; i < text.size(); ++i) {
            node = child(node, static_cast<std::uint8_t>(text[i]));
            if (node == none) return;
            if (values_[node] != no_value) found(i + 1, values_[node]);
        }
    }

private:
    static constexpr std::uint32_t root = 0;
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::int32_t no_value = INT32_MIN;

    /// An edge of the trie in an open-addressing table.
    struct Edge {
        std::uint64_t key = UINT64_MAX;
        std::uint32_t child = none;
    };

    static std::uint64_t key_of(std::uint32_t node, std::uint8_t byte) {
        return (std::uint64_t{node} << 8U) | byte;
    }
    [[nodiscard]] std::size_t place_of(std::uint64_t key) const {
        return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 24U) & (edges_.size() - 1);
    }
    [[nodiscard]] std::uint32_t child(std::uint32_t node, std::uint8_t byte) const {
        const std::uint64_t key = key_of(node, byte);
        for (std::size_t at = place_of(key);; at = (at + 1) & (edges_.size() - 1)) {
            if (edges_[at].key == key) return edges_[at].child;
            if (edges_[at].child == none) return none;
        }
    }
    void add_edge(Edge edge);
    void grow();

    std::vector<Edge> edges_;
    std::size_t edge_count_ = 0;
    std::vector<std::int32_t> values_;  ///< of each node
};

}  // namespace evoke::text
