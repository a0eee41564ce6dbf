#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "evoke/core/ids.hpp"
#include "lm/backend.hpp"

namespace evoke::lm {

/// A computed prefix: its states, and the final state of its last row for what follows at once.
struct CachedPrefix {
    std::shared_ptr<KvState> state;
    at::Tensor last_row;  ///< [1, hidden]
};

/// States of shared prefixes between calls, the most recently used ones within a budget. What is
/// dropped while somebody still uses it lives until they let go.
class PrefixCache {
public:
    explicit PrefixCache(std::size_t budget_bytes) : budget_{budget_bytes} {}

    /// Counts as a use. `long_text`: see Span.
    [[nodiscard]] std::optional<CachedPrefix> find(std::span<const TokenId> tokens, bool long_text);
    /// Drops everything, and keeps at most so much from now on.
    void restart(std::size_t budget_bytes);
    void insert(std::span<const TokenId> tokens, bool long_text, CachedPrefix prefix);

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    struct Entry {
        std::vector<TokenId> tokens;
        bool long_text;
        CachedPrefix prefix;
    };

    std::size_t budget_;
    std::size_t bytes_ = 0;
    std::list<Entry> entries_;  ///< most recently used first
};

}  // namespace evoke::lm
