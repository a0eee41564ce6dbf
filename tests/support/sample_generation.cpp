#include "support/sample_generation.hpp"

#include <limits>

#include "evoke/core/random.hpp"

namespace evoke::test {

namespace {

using population::Individual;
using population::Outcome;
using population::OutcomeStatus;

constexpr std::uint64_t sample_seed = 20240229;

/// The part of a sample that a draw belongs to.
RandomKey key(std::uint32_t generation, std::uint32_t slot, std::uint32_t part) {
    return {.seed = sample_seed,
            .purpose = Purpose::variation,
            .generation = generation,
            .slot = slot,
            .attempt = part};
}

std::string sentence(const RandomKey& source, std::uint64_t words) {
    static const std::vector<std::string> vocabulary{
        "Classify", "the",  "review", "as",          "positive", "or",     "negative", "by",
        "its",      "tone", "answer", "with",        "one",      "word",   "only",     "think",
        "step",     "read", "twice",  "caf\xc3\xa9", "sentence", "decide", "briefly",  "\n"};
    std::string text;
    for (std::uint32_t i = 0; i < words; ++i) {
        if (i > 0) text += ' ';
        text += vocabulary[random_below(source, i, vocabulary.size())];
    }
    return text;
}

Outcome outcome(std::uint32_t generation, std::uint32_t individual, std::uint32_t example) {
    const RandomKey source = key(generation, individual, example + 1000);
    const bool right = random_uniform(source, 0) < 0.7;
    // Outcomes of a unit share its time, so equal numbers stand together.
    const RandomKey unit = key(generation, individual, 500 + example / 30);
    return {.values = {right ? 1.0F : 0.0F, static_cast<float>(random_uniform(source, 1) * 3)},
            .status = OutcomeStatus::ok,
            .prompt_tokens =
                static_cast<std::uint32_t>(40 + individual % 90 + random_below(source, 2, 40)),
            .generated_tokens = static_cast<std::uint32_t>(1 + random_below(source, 3, 4)),
            .seconds = static_cast<float>(random_uniform(unit, 0) * 0.01)};
}

Individual individual(std::uint32_t generation, std::uint32_t slot, std::uint64_t id) {
    const RandomKey source = key(generation, slot, 1);
    const double tokens = static_cast<double>(5 + random_below(source, 900, 60));
    return {.id = IndividualId{id},
            .genome = {.instruction = sentence(source, 8 + random_below(source, 901, 30)),
                       .demonstrations = {ExampleId{400 + slot % 7}, ExampleId{410}},
                       .tokens = {}},
            .parents = generation == 0 ? std::vector<IndividualId>{}
                                       : std::vector{IndividualId{slot}, IndividualId{slot + 1}},
            .operation = generation == 0 ? "initial" : "lm-crossover",
            .generation = generation,
            .slot = slot,
            .attempt = slot % 3,
            .objectives = {random_uniform(source, 902), tokens},
            .measures = {random_uniform(source, 902), random_uniform(source, 903), tokens, 1.5},
            .feasible = true};
}

}  // namespace

checkpoint::GenerationRecord sample_generation(std::uint32_t generation,
                                               const std::string& previous_digest,
                                               SampleSize size) {
    checkpoint::GenerationRecord record;
    record.job = "[run]\nname = \"sample\"\nseed = 7\n";
    record.identities = {{"job", std::string(64, 'a')},
                         {"model", std::string(64, 'b')},
                         {"probe", std::string(64, 'c')}};
    record.measures = {"accuracy", "loss", "prompt_tokens", "generated_tokens"};
    record.objectives = {{"accuracy", population::Direction::maximise},
                         {"prompt_tokens", population::Direction::minimise}};
    record.previous_digest = previous_digest;

    auto& state = record.state;
    state.generation = generation;
    population::Block dev;
    for (std::uint32_t example = 0; example < size.examples; ++example)
        dev.examples.push_back(ExampleId{example});
    const std::uint64_t first_id = std::uint64_t{generation} * size.individuals;
    for (std::uint32_t slot = 0; slot < size.individuals; ++slot) {
        state.population.push_back(individual(generation, slot, first_id + slot));
        std::vector<Outcome> row;
        row.reserve(size.examples);
        for (std::uint32_t example = 0; example < size.examples; ++example)
            row.push_back(outcome(generation, slot, example));
        state.scores.set(IndividualId{first_id + slot}, dev, row);
        state.seen.insert(content_hash(state.population.back().genome));
    }
    // One that overflowed, and one that was measured on a part of the examples and did not survive.
    const double nan = std::numeric_limits<double>::quiet_NaN();
    Individual infeasible = individual(generation, size.individuals, first_id + size.individuals);
    infeasible.feasible = false;
    infeasible.genome.demonstrations.clear();
    infeasible.genome.tokens = {1, 50256, 7};
    infeasible.objectives = {nan, 700};
    infeasible.measures = {nan, nan, 700, nan};
    state.scores.set(infeasible.id, ExampleId{0},
                     {.values = {std::numeric_limits<float>::quiet_NaN(),
                                 std::numeric_limits<float>::quiet_NaN()},
                      .status = OutcomeStatus::overflow,
                      .prompt_tokens = 700});
    state.born = {state.population.front(), infeasible};
    state.archive = {state.population.front(), state.population.back()};

    record.test.set(state.archive.front().id, ExampleId{900}, outcome(generation, 0, 900));
    record.test.set(state.archive.front().id, ExampleId{901}, outcome(generation, 0, 901));

    state.proposals = {{.generation = generation,
                        .slot = 0,
                        .attempt = 0,
                        .operation = "lm-crossover",
                        .parents = {IndividualId{1}, IndividualId{2}},
                        .raw = "<prompt>" + sentence(key(generation, 0, 2), 12) + "</prompt>",
                        .verdict = population::Verdict::accepted,
                        .child = state.population.front().id,
                        .prompt_tokens = 210,
                        .generated_tokens = 17},
                       {.generation = generation,
                        .slot = 1,
                        .attempt = 1,
                        .operation = "edit-swap",
                        .parents = {},
                        .raw = "",
                        .verdict = population::Verdict::empty,
                        .child = std::nullopt}};
    state.next_id = IndividualId{first_id + size.individuals + 1};
    state.spent = {.evaluations = (generation + 1) * 100ULL,
                   .prompt_tokens = 5000,
                   .generated_tokens = 60,
                   .proposals = 2};
    state.note = "the best became shorter";

    record.provenance = {.software_version = "0.1.0",
                         .created = "2024-02-29T12:00:00Z",
                         .hardware = "2 cores",
                         .ranks = 2,
                         .slurm_job = "",
                         .restarts = 0,
                         .wall_seconds = 12.5,
                         .usage = {{.rank = 0, .host = "n1", .device = "cpu", .units = 4},
                                   {.rank = 1,
                                    .host = "n2",
                                    .device = "cpu",
                                    .units = 3,
                                    .busy_seconds = 11.25,
                                    .lost = true}},
                         .cache_hits = 9,
                         .cache_misses = 91};
    return record;
}

}  // namespace evoke::test
