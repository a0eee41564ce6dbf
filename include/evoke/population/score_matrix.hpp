#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "evoke/core/ids.hpp"
#include "evoke/population/block.hpp"
#include "evoke/population/outcome.hpp"

namespace evoke::population {

/// individual × example → outcome: the primary object. Only what the algorithm asked for enters it,
/// in whatever order it arrives; reading it never depends on that order.
class ScoreMatrix {
public:
    /// The outcomes of one individual by example, ascending. A sorted array that reads like a map:
    /// a generation may hold millions of entries.
    class Row {
    public:
        using value_type = std::pair<ExampleId, Outcome>;
        using const_iterator = std::vector<value_type>::const_iterator;

        [[nodiscard]] const_iterator begin() const { return entries_.begin(); }
        [[nodiscard]] const_iterator end() const { return entries_.end(); }
        [[nodiscard]] std::size_t size() const { return entries_.size(); }
        [[nodiscard]] bool empty() const { return entries_.empty(); }
        [[nodiscard]] const_iterator find(ExampleId example) const;
        [[nodiscard]] bool contains(ExampleId example) const { return find(example) != end(); }
        /// Throws std::out_of_range.
        [[nodiscard]] const Outcome& at(ExampleId example) const;

    private:
        friend class ScoreMatrix;
        /// False when another result is there already.
        [[nodiscard]] bool insert(ExampleId example, Outcome outcome);
        std::vector<value_type> entries_;
    };

    /// An entry that exists already must be the same result; throws std::logic_error otherwise,
    /// since two answers to one question must be equal bit for bit.
    void set(IndividualId individual, ExampleId example, Outcome outcome);
    /// Requires: as many outcomes as the block has examples.
    void set(IndividualId individual, const Block& block, std::span<const Outcome> outcomes);

    [[nodiscard]] const Outcome* find(IndividualId individual, ExampleId example) const;
    /// Empty when nothing is known of it.
    [[nodiscard]] const Row& row(IndividualId individual) const;
    [[nodiscard]] const std::map<IndividualId, Row>& rows() const { return rows_; }
    /// Drops the rows of individuals that are not in `keep`.
    void keep_only(std::span<const IndividualId> keep);
    /// Whether both hold the same results for the same questions (seconds may differ).
    [[nodiscard]] bool same_results(const ScoreMatrix& other) const;

private:
    static void set_in(Row& row, IndividualId individual, ExampleId example, Outcome outcome);
    std::map<IndividualId, Row> rows_;
};

}  // namespace evoke::population
