#include "evolution/generation.hpp"

#include <algorithm>
#include <utility>

#include "evoke/evolution/measures.hpp"
#include "evolution/note.hpp"

namespace evoke::evolution {

using population::Genome;
using population::Individual;
using population::Outcome;
using population::SearchState;

namespace {

void measure(Individual& individual, std::span<const Outcome> outcomes, const Setting& setting,
             const Services& services) {
    set_measures(individual, outcomes, setting.problem.measures,
                 services.prompt_tokens(individual.genome), setting.objectives());
}

}  // namespace

SearchState first_generation(const Setting& setting, Services& services) {
    SearchState state;
    std::vector<Genome> genomes;
    for (const Genome& genome : setting.problem.initial)
        if (state.seen.insert(content_hash(genome)).second) genomes.push_back(genome);

    const auto outcomes = services.evaluate(genomes, setting.problem.dev);
    for (std::size_t i = 0; i < genomes.size(); ++i) {
        Individual individual{.id = state.next_id,
                              .genome = std::move(genomes[i]),
                              .operation = "initial",
                              .slot = static_cast<std::uint32_t>(i)};
        ++state.next_id.value;
        measure(individual, outcomes[i], setting, services);
        state.scores.set(individual.id, setting.problem.dev, outcomes[i]);
        count_outcomes(state.spent, outcomes[i]);
        state.born.push_back(std::move(individual));
    }
    state.population = best_of(state.born, setting.population(), setting.objectives());
    state.archive = {state.population.front()};
    close_generation(state, {}, setting);
    return state;
}

void open_generation(SearchState& state) {
    ++state.generation;
    state.born.clear();
    state.proposals.clear();
    state.note.clear();
}

const Operator& operator_of(const Setting& setting, const SearchState& state, std::size_t slot) {
    const std::size_t earlier = (state.generation - 1) * setting.population();
    return *setting.operators[(earlier + slot) % setting.operators.size()];
}

Plan make_plan(const Setting& setting, const SearchState& state, const Operator& operation,
               std::vector<Individual> parents) {
    Plan plan{.operation = &operation, .parents = std::move(parents)};
    const auto accuracy = measure_index("accuracy", setting.problem.measures);
    if (plan.parents.empty() || !accuracy || *accuracy >= setting.problem.measures.size())
        return plan;
    for (const auto& [example, outcome] : state.scores.row(plan.parents.front().id))
        if (outcome.values[*accuracy] < 0.5F) plan.mistakes.push_back(example);
    return plan;
}

RandomKey selection_key(const Setting& setting, const SearchState& state, std::size_t slot) {
    return {.seed = setting.problem.seed,
            .purpose = Purpose::selection,
            .generation = state.generation,
            .slot = static_cast<std::uint32_t>(slot)};
}

void bear(SearchState& state, Services& services, std::span<const Plan> plans,
          const Setting& setting) {
    const BreedOptions options{
        .seed = setting.problem.seed,
        .generation = state.generation,
        .attempts = static_cast<std::uint32_t>(setting.options.attempts),
        .max_prompt_tokens = static_cast<std::size_t>(setting.options.max_prompt_tokens)};
    Litter litter = breed(services, plans, setting.problem.dev, options, state);
    state.proposals = std::move(litter.proposals);
    for (Child& child : litter.children) {
        measure(child.individual, child.outcomes, setting, services);
        state.scores.set(child.individual.id, setting.problem.dev, child.outcomes);
        state.born.push_back(std::move(child.individual));
    }
}

void close_generation(SearchState& state, std::span<const Individual> before,
                      const Setting& setting) {
    state.archive = updated_archive(state.archive, state.born, setting.objectives());
    keep_rows(state);
    state.note = generation_note(state, before, setting.objectives());
}

void keep_rows(SearchState& state) {
    std::vector<IndividualId> keep;
    for (const auto* group : {&state.population, &state.archive, &state.born})
        std::ranges::transform(*group, std::back_inserter(keep), &Individual::id);
    state.scores.keep_only(keep);
}

}  // namespace evoke::evolution
