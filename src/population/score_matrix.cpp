#include "evoke/population/score_matrix.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace evoke::population {

namespace {

constexpr auto example_of = [](const ScoreMatrix::Row::value_type& entry) { return entry.first; };

}  // namespace

ScoreMatrix::Row::const_iterator ScoreMatrix::Row::find(ExampleId example) const {
    const auto place = std::ranges::lower_bound(entries_, example, {}, example_of);
    return place != entries_.end() && place->first == example ? place : entries_.end();
}

const Outcome& ScoreMatrix::Row::at(ExampleId example) const {
    const auto place = find(example);
    if (place == end())
        throw std::out_of_range{"example " + std::to_string(example.value) +
                                " is not in the row of the score matrix"};
    return place->second;
}

bool ScoreMatrix::Row::insert(ExampleId example, Outcome outcome) {
    // Examples mostly come in ascending order.
    if (entries_.empty() || entries_.back().first < example) {
        entries_.emplace_back(example, std::move(outcome));
        return true;
    }
    const auto place = std::ranges::lower_bound(entries_, example, {}, example_of);
    if (place != entries_.end() && place->first == example)
        return place->second.same_result(outcome);
    entries_.emplace(place, example, std::move(outcome));
    return true;
}

void ScoreMatrix::set_in(Row& row, IndividualId individual, ExampleId example, Outcome outcome) {
    if (!row.insert(example, std::move(outcome)))
        throw std::logic_error{"individual " + std::to_string(individual.value) + " on example " +
                               std::to_string(example.value) +
                               " was measured twice with different results"};
}

void ScoreMatrix::set(IndividualId individual, ExampleId example, Outcome outcome) {
    set_in(rows_[individual], individual, example, std::move(outcome));
}

void ScoreMatrix::set(IndividualId individual, const Block& block,
                      std::span<const Outcome> outcomes) {
    if (outcomes.size() != block.examples.size())
        throw std::invalid_argument{std::to_string(outcomes.size()) + " outcomes for a block of " +
                                    std::to_string(block.examples.size()) + " examples"};
    if (outcomes.empty()) return;
    Row& row = rows_[individual];
    row.entries_.reserve(row.entries_.size() + outcomes.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        set_in(row, individual, block.examples[i], outcomes[i]);
}

const Outcome* ScoreMatrix::find(IndividualId individual, ExampleId example) const {
    const Row& known = row(individual);
    const auto place = known.find(example);
    return place == known.end() ? nullptr : &place->second;
}

const ScoreMatrix::Row& ScoreMatrix::row(IndividualId individual) const {
    static const Row nothing;
    const auto place = rows_.find(individual);
    return place == rows_.end() ? nothing : place->second;
}

void ScoreMatrix::keep_only(std::span<const IndividualId> keep) {
    std::vector<IndividualId> kept{keep.begin(), keep.end()};
    std::ranges::sort(kept);
    std::erase_if(
        rows_, [&](const auto& entry) { return !std::ranges::binary_search(kept, entry.first); });
}

bool ScoreMatrix::same_results(const ScoreMatrix& other) const {
    const auto same_entry = [](const auto& a, const auto& b) {
        return a.first == b.first && a.second.same_result(b.second);
    };
    const auto same_row = [&](const auto& a, const auto& b) {
        return a.first == b.first && std::ranges::equal(a.second, b.second, same_entry);
    };
    return std::ranges::equal(rows_, other.rows_, same_row);
}

}  // namespace evoke::population
