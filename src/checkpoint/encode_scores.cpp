#include <algorithm>
#include <map>
#include <optional>

#include "checkpoint/columns.hpp"
#include "checkpoint/encode.hpp"

namespace evoke::checkpoint {

namespace {

using population::Outcome;
using population::ScoreMatrix;

/// Which examples a row was measured on, each list of examples kept once: most rows share theirs.
class ExampleLists {
public:
    std::uint32_t index_of(const ScoreMatrix::Row& row) {
        if (last_ && same_as(*last_, row)) return *last_;
        std::vector<std::uint32_t> examples;
        examples.reserve(row.size());
        for (const auto& [example, outcome] : row) examples.push_back(example.value);
        const auto [place, is_new] =
            indices_.try_emplace(examples, static_cast<std::uint32_t>(indices_.size()));
        if (is_new) lists_.append(examples);
        last_ = place->second;
        return *last_;
    }
    [[nodiscard]] Lists<std::uint32_t> take() { return std::move(lists_); }

private:
    [[nodiscard]] bool same_as(std::uint32_t list, const ScoreMatrix::Row& row) const {
        const auto begin =
            lists_.values.begin() + static_cast<std::ptrdiff_t>(lists_.offsets[list]);
        const auto end =
            lists_.values.begin() + static_cast<std::ptrdiff_t>(lists_.offsets[list + 1]);
        return std::equal(begin, end, row.begin(), row.end(),
                          [](std::uint32_t example, const ScoreMatrix::Row::value_type& entry) {
                              return example == entry.first.value;
                          });
    }

    std::map<std::vector<std::uint32_t>, std::uint32_t> indices_;
    Lists<std::uint32_t> lists_;
    std::optional<std::uint32_t> last_;
};

/// The outcomes of all rows, end to end.
struct OutcomeColumns {
    std::size_t count;                                              ///< outcomes
    std::size_t width;                                              ///< values of each
    std::vector<float> values = std::vector<float>(count * width);  ///< [width, count]
    std::vector<std::uint8_t> status = std::vector<std::uint8_t>(count);
    std::vector<std::uint32_t> prompt_tokens = std::vector<std::uint32_t>(count);
    std::vector<std::uint32_t> generated_tokens = std::vector<std::uint32_t>(count);
    std::vector<float> seconds = std::vector<float>(count);

    void put(std::size_t i, const Outcome& outcome) {
        if (outcome.values.size() != width)
            throw std::invalid_argument{"an outcome has " + std::to_string(outcome.values.size()) +
                                        " values, others have " + std::to_string(width)};
        for (std::size_t k = 0; k < width; ++k)
            values[k * count + i] = canonical(outcome.values[k]);
        status[i] = static_cast<std::uint8_t>(outcome.status);
        prompt_tokens[i] = outcome.prompt_tokens;
        generated_tokens[i] = outcome.generated_tokens;
        seconds[i] = outcome.seconds;
    }
};

}  // namespace

void encode_scores(Tree& tree, const std::string& path, const ScoreMatrix& scores,
                   std::span<const IndividualId> rows, bool scientific) {
    std::vector<std::uint64_t> individuals;
    std::vector<std::uint32_t> lists;
    std::vector<std::uint64_t> offsets{0};
    ExampleLists examples;
    std::size_t width = 0;
    for (const IndividualId id : rows) {
        const ScoreMatrix::Row& row = scores.row(id);
        if (row.empty()) continue;
        individuals.push_back(id.value);
        lists.push_back(examples.index_of(row));
        offsets.push_back(offsets.back() + row.size());
        width = row.begin()->second.values.size();
    }
    OutcomeColumns outcomes{.count = offsets.back(), .width = width};
    std::size_t next = 0;
    for (const std::uint64_t individual : individuals)
        for (const auto& [example, outcome] : scores.row(IndividualId{individual}))
            outcomes.put(next++, outcome);

    const std::uint64_t count = outcomes.count;
    const auto token_counts = [&](const char* name, std::vector<std::uint32_t> counts) {
        tree.add({.path = path + "/" + name,
                  .numbers = narrowed(std::move(counts)),
                  .shape = {count},
                  .unit = "token",
                  .categories = {},
                  .scientific = scientific});
    };
    tree.group(path, "scores");
    tree.numbers(path + "/individual", std::move(individuals), scientific);
    tree.numbers(path + "/examples", std::move(lists), scientific);
    tree.lists(path + "/example_lists", examples.take(), scientific);
    tree.numbers(path + "/offsets", std::move(offsets), scientific);
    tree.add({.path = path + "/values",
              .numbers = std::move(outcomes.values),
              .shape = {width, count},
              .unit = {},
              .categories = {},
              .scientific = scientific});
    tree.add(categorical(path + "/status", std::move(outcomes.status),
                         names(population::OutcomeStatus::overflow), scientific));
    token_counts("prompt_tokens", std::move(outcomes.prompt_tokens));
    token_counts("generated_tokens", std::move(outcomes.generated_tokens));
    tree.numbers(path + "/seconds", std::move(outcomes.seconds), false, "s");
}

}  // namespace evoke::checkpoint
