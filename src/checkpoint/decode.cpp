#include "checkpoint/decode.hpp"

#include <charconv>

#include "checkpoint/encode.hpp"

namespace evoke::checkpoint {

namespace {

using population::Individual;
using population::Outcome;
using population::Proposal;

constexpr auto any = Hdf5Reader::any;

template <class T>
std::span<const T> list_at(const Lists<T>& lists, std::size_t i) {
    return std::span{lists.values}.subspan(lists.offsets[i],
                                           lists.offsets[i + 1] - lists.offsets[i]);
}

template <class IdType, class T>
std::vector<IdType> ids_at(const Lists<T>& lists, std::size_t i) {
    std::vector<IdType> ids;
    for (const T value : list_at(lists, i)) ids.push_back(IdType{value});
    return ids;
}

/// Numbers that stand for enumerators 0 .. last.
template <class Enum>
std::vector<Enum> enumerators(const Hdf5Reader& reader, const std::string& path,
                              std::uint64_t length, Enum last) {
    std::vector<Enum> values;
    for (const std::uint8_t code : reader.numbers<std::uint8_t>(path, length)) {
        Hdf5Reader::require(code <= static_cast<std::uint8_t>(last), path,
                            "has the unknown value " + std::to_string(code));
        values.push_back(static_cast<Enum>(code));
    }
    return values;
}

enum class Flag : std::uint8_t { no, yes };

std::vector<double> row_of(const Hdf5Reader::Matrix<double>& matrix, std::size_t i) {
    const auto begin = matrix.values.begin() + static_cast<std::ptrdiff_t>(i * matrix.columns);
    return {begin, begin + static_cast<std::ptrdiff_t>(matrix.columns)};
}

std::vector<Individual> decode_individuals(const Hdf5Reader& reader, const std::string& path) {
    const auto at = [&](const char* name) { return path + "/" + name; };
    const auto id = reader.numbers<std::uint64_t>(at("id"), any);
    const std::uint64_t count = id.size();
    auto instruction = reader.texts(at("instruction"), count);
    const auto demonstrations = reader.lists<std::uint32_t>(at("demonstrations"), count);
    const auto tokens = reader.lists<std::int32_t>(at("tokens"), count);
    const auto parents = reader.lists<std::uint64_t>(at("parents"), count);
    auto operation = reader.texts(at("operation"), count);
    const auto generation = reader.numbers<std::uint32_t>(at("generation"), count);
    const auto slot = reader.numbers<std::uint32_t>(at("slot"), count);
    const auto attempt = reader.numbers<std::uint32_t>(at("attempt"), count);
    const auto feasible = enumerators(reader, at("feasible"), count, Flag::yes);
    const auto objectives = reader.matrix<double>(at("objectives"));
    const auto measures = reader.matrix<double>(at("measures"));
    Hdf5Reader::require(objectives.rows == count, at("objectives"), "has another number of rows");
    Hdf5Reader::require(measures.rows == count, at("measures"), "has another number of rows");

    std::vector<Individual> individuals;
    individuals.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto own_tokens = list_at(tokens, i);
        individuals.push_back({.id = IndividualId{id[i]},
                               .genome = {.instruction = std::move(instruction[i]),
                                          .demonstrations = ids_at<ExampleId>(demonstrations, i),
                                          .tokens = {own_tokens.begin(), own_tokens.end()}},
                               .parents = ids_at<IndividualId>(parents, i),
                               .operation = std::move(operation[i]),
                               .generation = generation[i],
                               .slot = slot[i],
                               .attempt = attempt[i],
                               .objectives = row_of(objectives, i),
                               .measures = row_of(measures, i),
                               .feasible = feasible[i] == Flag::yes});
    }
    return individuals;
}

population::ScoreMatrix decode_scores(const Hdf5Reader& reader, const std::string& path) {
    const auto individual = reader.numbers<std::uint64_t>(path + "/individual", any);
    const std::uint64_t rows = individual.size();
    const auto lists = reader.numbers<std::uint32_t>(path + "/examples", rows);
    const auto examples = reader.lists<std::uint32_t>(path + "/example_lists", any);
    const auto offsets = reader.numbers<std::uint64_t>(path + "/offsets", rows + 1);
    const auto values = reader.matrix<float>(path + "/values");
    const std::uint64_t count = values.columns;
    const auto status =
        enumerators(reader, path + "/status", count, population::OutcomeStatus::overflow);
    const auto prompt_tokens = reader.numbers<std::uint32_t>(path + "/prompt_tokens", count);
    const auto generated_tokens = reader.numbers<std::uint32_t>(path + "/generated_tokens", count);
    const auto seconds = reader.numbers<float>(path + "/seconds", count);

    const auto outcome_at = [&](std::size_t entry) {
        Outcome outcome{.values = std::vector<float>(values.rows),
                        .status = status[entry],
                        .prompt_tokens = prompt_tokens[entry],
                        .generated_tokens = generated_tokens[entry],
                        .seconds = seconds[entry]};
        for (std::size_t k = 0; k < values.rows; ++k)
            outcome.values[k] = values.values[k * count + entry];
        return outcome;
    };
    population::ScoreMatrix scores;
    std::uint64_t entry = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        Hdf5Reader::require(lists[row] + std::uint64_t{1} < examples.offsets.size(),
                            path + "/examples", "names a list that is not there");
        const population::Block block{.examples = ids_at<ExampleId>(examples, lists[row])};
        Hdf5Reader::require(offsets[row] == entry && offsets[row + 1] <= count &&
                                offsets[row + 1] - entry == block.examples.size(),
                            path + "/offsets", "does not fit the lists of examples");
        std::vector<Outcome> outcomes;
        outcomes.reserve(block.examples.size());
        while (entry < offsets[row + 1]) outcomes.push_back(outcome_at(entry++));
        scores.set(IndividualId{individual[row]}, block, outcomes);
    }
    Hdf5Reader::require(entry == count, path + "/offsets", "does not reach the last outcome");
    return scores;
}

std::vector<Proposal> decode_proposals(const Hdf5Reader& reader) {
    const std::string path = "/proposals/";
    const auto generation = reader.numbers<std::uint32_t>(path + "generation", any);
    const std::uint64_t count = generation.size();
    const auto slot = reader.numbers<std::uint32_t>(path + "slot", count);
    const auto attempt = reader.numbers<std::uint32_t>(path + "attempt", count);
    auto operation = reader.texts(path + "operation", count);
    const auto parents = reader.lists<std::uint64_t>(path + "parents", count);
    auto raw = reader.texts(path + "raw", count);
    const auto verdict =
        enumerators(reader, path + "verdict", count, population::Verdict::malformed);
    const auto child = reader.numbers<std::uint64_t>(path + "child", count);
    const auto prompt_tokens = reader.numbers<std::uint32_t>(path + "prompt_tokens", count);
    const auto generated_tokens = reader.numbers<std::uint32_t>(path + "generated_tokens", count);

    std::vector<Proposal> proposals;
    proposals.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        proposals.push_back({.generation = generation[i],
                             .slot = slot[i],
                             .attempt = attempt[i],
                             .operation = std::move(operation[i]),
                             .parents = ids_at<IndividualId>(parents, i),
                             .raw = std::move(raw[i]),
                             .verdict = verdict[i],
                             .child = child[i] == no_individual
                                          ? std::nullopt
                                          : std::optional{IndividualId{child[i]}},
                             .prompt_tokens = prompt_tokens[i],
                             .generated_tokens = generated_tokens[i]});
    return proposals;
}

std::set<ContentHash> decode_seen(const Hdf5Reader& reader) {
    const auto halves = reader.matrix<std::uint64_t>("/seen/hash");
    Hdf5Reader::require(halves.columns == 2, "/seen/hash", "is not two numbers wide");
    std::set<ContentHash> seen;
    for (std::size_t i = 0; i < halves.rows; ++i)
        seen.insert(seen.end(), {.high = halves.values[2 * i], .low = halves.values[2 * i + 1]});
    return seen;
}

/// One text, stored as a column of length one.
std::string single_text(const Hdf5Reader& reader, const std::string& path) {
    return std::move(reader.texts(path, 1).front());
}

void decode_setting(const Hdf5Reader& reader, GenerationRecord& record) {
    record.job = single_text(reader, "/setting/job");
    record.measures = reader.texts("/setting/measures", any);
    const auto objectives = reader.texts("/setting/objectives", any);
    const auto directions = enumerators(reader, "/setting/directions", objectives.size(),
                                        population::Direction::maximise);
    for (std::size_t i = 0; i < objectives.size(); ++i)
        record.objectives.push_back({.measure = objectives[i], .direction = directions[i]});
    const auto names = reader.texts("/setting/identity_names", any);
    const auto values = reader.texts("/setting/identity_values", names.size());
    for (std::size_t i = 0; i < names.size(); ++i) record.identities[names[i]] = values[i];
}

std::int32_t integer_attribute(const Hdf5Reader& reader, const std::string& name) {
    const std::string text = reader.attribute(name);
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    Hdf5Reader::require(error == std::errc{} && end == text.data() + text.size(),
                        "attribute " + name, "is not an integer");
    return value;
}

Provenance decode_provenance(const Hdf5Reader& reader) {
    Provenance provenance{.software_version = reader.attribute("software_version"),
                          .created = reader.attribute("created"),
                          .hardware = reader.attribute("hardware"),
                          .ranks = integer_attribute(reader, "ranks"),
                          .slurm_job = reader.attribute("slurm_job"),
                          .restarts = integer_attribute(reader, "restarts"),
                          .wall_seconds = reader.scalar<double>("/statistics/wall_seconds"),
                          .usage = {},
                          .cache_hits = reader.scalar<std::uint64_t>("/statistics/cache_hits"),
                          .cache_misses = reader.scalar<std::uint64_t>("/statistics/cache_misses")};
    const std::string path = "/statistics/usage/";
    const auto rank = reader.numbers<std::int32_t>(path + "rank", any);
    const auto host = reader.texts(path + "host", rank.size());
    const auto device = reader.texts(path + "device", rank.size());
    const auto units = reader.numbers<std::uint64_t>(path + "units", rank.size());
    const auto busy = reader.numbers<double>(path + "busy_seconds", rank.size());
    const auto lost = enumerators(reader, path + "lost", rank.size(), Flag::yes);
    for (std::size_t i = 0; i < rank.size(); ++i)
        provenance.usage.push_back({.rank = rank[i],
                                    .host = host[i],
                                    .device = device[i],
                                    .units = units[i],
                                    .busy_seconds = busy[i],
                                    .lost = lost[i] == Flag::yes});
    return provenance;
}

population::SearchState decode_state(const Hdf5Reader& reader) {
    const auto counter = [&](const char* name) {
        return reader.scalar<std::uint64_t>(std::string{"/statistics/"} + name);
    };
    return {.generation = reader.scalar<std::uint32_t>("/statistics/generation"),
            .population = decode_individuals(reader, "/population"),
            .archive = decode_individuals(reader, "/archive"),
            .born = decode_individuals(reader, "/born"),
            .scores = decode_scores(reader, "/scores"),
            .proposals = decode_proposals(reader),
            .seen = decode_seen(reader),
            .next_id = IndividualId{counter("next_id")},
            .spent = {.evaluations = counter("evaluations"),
                      .prompt_tokens = counter("prompt_tokens"),
                      .generated_tokens = counter("generated_tokens"),
                      .proposals = counter("proposals")},
            .finished = reader.scalar<std::uint8_t>("/statistics/finished") != 0,
            .note = single_text(reader, "/statistics/note")};
}

}  // namespace

GenerationRecord decode(const Hdf5Reader& reader) {
    GenerationRecord record;
    decode_setting(reader, record);
    record.state = decode_state(reader);
    record.test = decode_scores(reader, "/archive/test");
    record.previous_digest = reader.attribute("previous_digest");
    record.digest = reader.attribute("digest");
    record.provenance = decode_provenance(reader);
    return record;
}

}  // namespace evoke::checkpoint
