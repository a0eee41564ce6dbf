#include "checkpoint/encode.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "evoke/population/objective.hpp"

namespace evoke::checkpoint {

namespace {

using population::Individual;
using population::Outcome;
using population::Proposal;
using population::ScoreMatrix;

/// One number per row, drawn out of a range of structs.
template <class T, class Range, class Get>
std::vector<T> column(const Range& range, Get get) {
    std::vector<T> values;
    values.reserve(range.size());
    for (const auto& item : range) values.push_back(static_cast<T>(get(item)));
    return values;
}

template <class T, class Range, class Get>
Lists<T> list_column(const Range& range, Get get) {
    Lists<T> lists;
    for (const auto& item : range) {
        for (const auto& element : get(item)) {
            if constexpr (requires { element.value; }) {
                lists.values.push_back(element.value);
            } else {
                lists.values.push_back(static_cast<T>(element));
            }
        }
        lists.offsets.push_back(lists.values.size());
    }
    return lists;
}

/// Every NaN as the same bits, so that equal content is equal bytes.
template <class Number>
Number canonical(Number value) {
    return std::isnan(value) ? std::numeric_limits<Number>::quiet_NaN() : value;
}

/// [rows, width], all of one width.
template <class Range, class Get>
Column matrix_column(std::string path, const Range& range, std::size_t width, Get get) {
    std::vector<double> values;
    values.reserve(range.size() * width);
    for (const auto& item : range) {
        const std::vector<double>& row = get(item);
        if (row.size() != width)
            throw std::invalid_argument{path + " has a row of " + std::to_string(row.size()) +
                                        " numbers where " + std::to_string(width) +
                                        " are expected"};
        for (const double value : row) values.push_back(canonical(value));
    }
    return {.path = std::move(path),
            .numbers = std::move(values),
            .shape = {range.size(), width},
            .unit = {},
            .categories = {}};
}

Column categorical(std::string path, std::vector<std::uint8_t> codes,
                   std::vector<std::string> categories, bool scientific) {
    const std::uint64_t count = codes.size();
    return {.path = std::move(path),
            .numbers = std::move(codes),
            .shape = {count},
            .unit = {},
            .categories = std::move(categories),
            .scientific = scientific};
}

/// Names of the enumerators 0 .. last.
template <class Enum>
std::vector<std::string> names(Enum last) {
    std::vector<std::string> all;
    for (unsigned value = 0; value <= static_cast<unsigned>(last); ++value)
        all.emplace_back(to_string(static_cast<Enum>(value)));
    return all;
}

void encode_individuals(Tree& tree, const std::string& path,
                        const std::vector<Individual>& individuals,
                        const GenerationRecord& record) {
    const auto at = [&](const char* name) { return path + "/" + name; };
    tree.group(path, "individuals");
    tree.numbers(at("id"), column<std::uint64_t>(individuals, [](auto& x) { return x.id.value; }),
                 true);
    tree.texts(at("instruction"),
               list_column<std::uint8_t>(individuals, [](auto& x) { return x.genome.instruction; }),
               true);
    tree.lists(
        at("demonstrations"),
        list_column<std::uint32_t>(individuals, [](auto& x) { return x.genome.demonstrations; }),
        true);
    tree.lists(at("tokens"),
               list_column<std::int32_t>(individuals, [](auto& x) { return x.genome.tokens; }),
               true);
    tree.lists(at("parents"),
               list_column<std::uint64_t>(individuals, [](auto& x) { return x.parents; }), true);
    tree.texts(at("operation"),
               list_column<std::uint8_t>(individuals, [](auto& x) { return x.operation; }), true);
    tree.numbers(at("generation"),
                 column<std::uint32_t>(individuals, [](auto& x) { return x.generation; }), true);
    tree.numbers(at("slot"), column<std::uint32_t>(individuals, [](auto& x) { return x.slot; }),
                 true);
    tree.numbers(at("attempt"),
                 column<std::uint32_t>(individuals, [](auto& x) { return x.attempt; }), true);
    tree.add(categorical(at("feasible"),
                         column<std::uint8_t>(individuals, [](auto& x) { return x.feasible; }),
                         {"infeasible", "feasible"}, true));
    const auto objectives = [](const Individual& x) -> auto& {
        return x.objectives;
    };
    const auto measures = [](const Individual& x) -> auto& {
        return x.measures;
    };
    tree.add(matrix_column(at("objectives"), individuals, record.objectives.size(), objectives));
    tree.add(matrix_column(at("measures"), individuals,
                           individuals.empty() ? 0 : individuals.front().measures.size(),
                           measures));
}

/// Follows from the objectives, so it is no part of the digest; there for readers.
void encode_front(Tree& tree, const GenerationRecord& record) {
    std::vector<std::vector<double>> points;
    for (const Individual& individual : record.state.population)
        points.push_back(individual.objectives);
    tree.numbers("/population/front_rank",
                 column<std::uint32_t>(population::front_ranks(points, record.objectives),
                                       [](std::size_t rank) { return rank; }),
                 false);
}

void encode_proposals(Tree& tree, const std::vector<Proposal>& proposals) {
    const auto number = [&](const char* name, auto get) {
        tree.numbers(std::string{"/proposals/"} + name, column<std::uint32_t>(proposals, get),
                     true);
    };
    tree.group("/proposals", "proposals");
    number("generation", [](auto& x) { return x.generation; });
    number("slot", [](auto& x) { return x.slot; });
    number("attempt", [](auto& x) { return x.attempt; });
    tree.texts("/proposals/operation",
               list_column<std::uint8_t>(proposals, [](auto& x) { return x.operation; }), true);
    tree.lists("/proposals/parents",
               list_column<std::uint64_t>(proposals, [](auto& x) { return x.parents; }), true);
    tree.texts("/proposals/raw",
               list_column<std::uint8_t>(proposals, [](auto& x) { return x.raw; }), true);
    tree.add(categorical("/proposals/verdict",
                         column<std::uint8_t>(proposals, [](auto& x) { return x.verdict; }),
                         names(population::Verdict::malformed), true));
    tree.numbers("/proposals/child",
                 column<std::uint64_t>(
                     proposals, [](auto& x) { return x.child ? x.child->value : no_individual; }),
                 true);
    number("prompt_tokens", [](auto& x) { return x.prompt_tokens; });
    number("generated_tokens", [](auto& x) { return x.generated_tokens; });
}

void encode_seen(Tree& tree, const std::set<ContentHash>& seen) {
    std::vector<std::uint64_t> halves;
    halves.reserve(2 * seen.size());
    for (const ContentHash& hash : seen) {
        halves.push_back(hash.high);
        halves.push_back(hash.low);
    }
    tree.group("/seen", "genome-hashes");
    tree.add({.path = "/seen/hash",
              .numbers = std::move(halves),
              .shape = {seen.size(), 2},
              .unit = {},
              .categories = {}});
}

void encode_statistics(Tree& tree, const GenerationRecord& record) {
    const auto& state = record.state;
    const auto& provenance = record.provenance;
    tree.group("/statistics", "statistics");
    tree.scalar("/statistics/generation", state.generation, true);
    tree.scalar("/statistics/next_id", state.next_id.value, true);
    tree.scalar("/statistics/finished", static_cast<std::uint8_t>(state.finished), true);
    tree.scalar("/statistics/evaluations", state.spent.evaluations, true);
    tree.scalar("/statistics/prompt_tokens", state.spent.prompt_tokens, true, "token");
    tree.scalar("/statistics/generated_tokens", state.spent.generated_tokens, true, "token");
    tree.scalar("/statistics/proposals", state.spent.proposals, true);
    tree.texts("/statistics/note",
               list_column<std::uint8_t>(std::vector{state.note}, [](auto& x) { return x; }),
               false);
    tree.scalar("/statistics/wall_seconds", provenance.wall_seconds, false, "s");
    tree.scalar("/statistics/cache_hits", provenance.cache_hits, false);
    tree.scalar("/statistics/cache_misses", provenance.cache_misses, false);

    const auto& usage = provenance.usage;
    tree.group("/statistics/usage", "usage");
    tree.numbers("/statistics/usage/rank",
                 column<std::int32_t>(usage, [](auto& x) { return x.rank; }), false);
    tree.texts("/statistics/usage/host",
               list_column<std::uint8_t>(usage, [](auto& x) { return x.host; }), false);
    tree.texts("/statistics/usage/device",
               list_column<std::uint8_t>(usage, [](auto& x) { return x.device; }), false);
    tree.numbers("/statistics/usage/units",
                 column<std::uint64_t>(usage, [](auto& x) { return x.units; }), false);
    tree.numbers("/statistics/usage/busy_seconds",
                 column<double>(usage, [](auto& x) { return x.busy_seconds; }), false, "s");
    tree.add(categorical("/statistics/usage/lost",
                         column<std::uint8_t>(usage, [](auto& x) { return x.lost; }),
                         {"present", "lost"}, false));
}

void encode_setting(Tree& tree, const GenerationRecord& record) {
    const auto text = [](const std::string& x) { return x; };
    tree.group("/setting", "setting");
    // The job text names places and machines; its identity keys count through their hash.
    tree.texts("/setting/job", list_column<std::uint8_t>(std::vector{record.job}, text), false);
    tree.texts("/setting/measures", list_column<std::uint8_t>(record.measures, text), true);
    tree.texts("/setting/objectives",
               list_column<std::uint8_t>(record.objectives, [](auto& x) { return x.measure; }),
               true);
    tree.add(
        categorical("/setting/directions",
                    column<std::uint8_t>(record.objectives, [](auto& x) { return x.direction; }),
                    {"minimise", "maximise"}, true));
    tree.texts("/setting/identity_names",
               list_column<std::uint8_t>(record.identities, [](auto& x) { return x.first; }),
               false);
    tree.texts("/setting/identity_values",
               list_column<std::uint8_t>(record.identities, [](auto& x) { return x.second; }),
               false);
}

void encode_attributes(Tree& tree, const GenerationRecord& record) {
    const auto& provenance = record.provenance;
    tree.attributes = {
        {"format", "evoke-generation"},
        {"format_version", std::to_string(format_major) + "." + std::to_string(format_minor)},
        {"encoding-type", "generation"},
        {"encoding-version", "1.0"},
        {"software", "evoke"},
        {"software_version", provenance.software_version},
        {"created", provenance.created},
        {"hardware", provenance.hardware},
        {"ranks", std::to_string(provenance.ranks)},
        {"slurm_job", provenance.slurm_job},
        {"restarts", std::to_string(provenance.restarts)},
        {"previous_digest", record.previous_digest}};
}

/// Everybody whose row belongs into the file, ascending.
std::vector<IndividualId> residents(const population::SearchState& state) {
    std::vector<IndividualId> ids;
    for (const auto* group : {&state.population, &state.archive, &state.born})
        for (const Individual& individual : *group) ids.push_back(individual.id);
    std::ranges::sort(ids);
    const auto rest = std::ranges::unique(ids);
    ids.erase(rest.begin(), rest.end());
    return ids;
}

/// Which examples a row was measured on, each list of examples kept once: most rows share theirs.
class ExampleLists {
public:
    std::uint32_t index_of(const ScoreMatrix::Row& row) {
        if (!lists_.offsets.empty() && known_ && same_as_last(row)) return last_;
        std::vector<std::uint32_t> examples;
        examples.reserve(row.size());
        for (const auto& [example, outcome] : row) examples.push_back(example.value);
        const auto [place, is_new] =
            indices_.try_emplace(examples, static_cast<std::uint32_t>(indices_.size()));
        if (is_new) lists_.append(examples);
        last_ = place->second;
        known_ = true;
        return last_;
    }
    [[nodiscard]] Lists<std::uint32_t> take() { return std::move(lists_); }

private:
    [[nodiscard]] bool same_as_last(const ScoreMatrix::Row& row) const {
        const auto begin =
            lists_.values.begin() + static_cast<std::ptrdiff_t>(lists_.offsets[last_]);
        const auto end =
            lists_.values.begin() + static_cast<std::ptrdiff_t>(lists_.offsets[last_ + 1]);
        return std::equal(begin, end, row.begin(), row.end(),
                          [](std::uint32_t example, const ScoreMatrix::Row::value_type& entry) {
                              return example == entry.first.value;
                          });
    }

    std::map<std::vector<std::uint32_t>, std::uint32_t> indices_;
    Lists<std::uint32_t> lists_;
    std::uint32_t last_ = 0;
    bool known_ = false;
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

Tree encode(const GenerationRecord& record) {
    Tree tree;
    encode_attributes(tree, record);
    encode_setting(tree, record);
    encode_individuals(tree, "/population", record.state.population, record);
    encode_front(tree, record);
    encode_individuals(tree, "/archive", record.state.archive, record);
    std::vector<IndividualId> tested;
    for (const auto& [id, row] : record.test.rows()) tested.push_back(id);
    encode_scores(tree, "/archive/test", record.test, tested, false);
    encode_individuals(tree, "/born", record.state.born, record);
    encode_scores(tree, "/scores", record.state.scores, residents(record.state), true);
    encode_proposals(tree, record.state.proposals);
    encode_seen(tree, record.state.seen);
    encode_statistics(tree, record);
    return tree;
}

}  // namespace evoke::checkpoint
