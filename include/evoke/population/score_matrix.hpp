#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "evoke/core/ids.hpp"
#include "evoke/population/block.hpp"
#include "evoke/population/outcome.hpp"

namespace evoke::population {

/// individual × example → outcome: the primary object. Only what the algorithm asked for enters it,
/// in whatever order it arrives; reading it never depends on that order.
class ScoreMatrix {
public:
    using Row = std::map<ExampleId, Outcome>;

    /// An entry that exists already must be the same result; throws std::logic_error otherwise,
    /// since two answers to one question must be equal bit for bit.
    void set(IndividualId individual, ExampleId example, Outcome outcome);
    void set(IndividualId individual, const Block& block, std::span<const Outcome> outcomes);

    [[nodiscard]] const Outcome* find(IndividualId individual, ExampleId example) const;
    /// Empty when nothing is known of it.
    [[nodiscard]] const Row& row(IndividualId individual) const;
    [[nodiscard]] const std::map<IndividualId, Row>& rows() const { return rows_; }
    /// Drops the rows of individuals that are not in `keep`.
    void keep_only(std::span<const IndividualId> keep);

private:
    std::map<IndividualId, Row> rows_;
};

}  // namespace evoke::population
