#include "checkpoint/encode.hpp"

#include <algorithm>

#include "checkpoint/columns.hpp"
#include "evoke/population/objective.hpp"

namespace evoke::checkpoint {

namespace {

using population::Individual;
using population::Proposal;

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

}  // namespace

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
