#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "evoke/core/hash.hpp"
#include "evoke/population/outcome.hpp"
#include "evoke/population/wire.hpp"

namespace evoke::evaluation {

/// What was ever answered in this run, by content. A resumed run fills it from files and journal
/// and then simply runs again. Not thread-safe.
class Cache {
public:
    /// `context` names everything but genome and example: task, model, numerics.
    explicit Cache(const ContentHash& context) : context_{context} {}

    [[nodiscard]] ContentHash outcome_key(const population::Genome& genome,
                                          ExampleId example) const;
    /// Of an AskUnit or ContinueUnit: by its whole content, its random key included.
    [[nodiscard]] ContentHash reply_key(const population::Unit& unit) const;

    [[nodiscard]] const population::Outcome* find_outcome(const ContentHash& key) const;
    [[nodiscard]] const population::Reply* find_reply(const ContentHash& key) const;

    /// Throws std::logic_error when the key is known with another result: two answers to one
    /// question must be equal bit for bit.
    void put(const ContentHash& key, const population::Outcome& outcome);
    void put(const ContentHash& key, const population::Reply& reply);

    [[nodiscard]] std::size_t size() const { return outcomes_.size() + replies_.size(); }

private:
    ContentHash context_;
    std::unordered_map<ContentHash, population::Outcome> outcomes_;
    std::unordered_map<ContentHash, population::Reply> replies_;
};

}  // namespace evoke::evaluation
