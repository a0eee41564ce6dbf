#include "search_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace evoke::test {

using population::Individual;
using population::SearchState;

evolution::Problem word_problem(std::vector<std::string> initial) {
    evolution::Problem problem;
    problem.seed = 7;
    problem.objectives = {{.measure = "accuracy", .direction = population::Direction::maximise}};
    problem.measures = {"accuracy", "loss"};
    problem.dev = block_of(8);
    for (std::string& text : initial)
        problem.initial.push_back(
            {.instruction = std::move(text), .demonstrations = {}, .tokens = {}});
    return problem;
}

ScriptedServices word_services() {
    ScriptedServices services;
    services.on_evaluate = [](const population::Genome& genome, ExampleId example) {
        const std::string word = "w" + std::to_string(example.value);
        const bool right = genome.instruction.find(word) != std::string::npos;
        return outcome({right ? 1.0F : 0.0F, right ? 0.0F : 1.0F});
    };
    services.on_ask = [](const evolution::MetaPrompt& prompt) {
        std::string text;
        for (std::uint32_t draw = 0; draw < 4; ++draw) {
            const auto word = random_below(prompt.key, draw, 9);
            text += (draw == 0 ? "" : " ") + (word == 8 ? "x" : "w" + std::to_string(word));
        }
        return tagged(text);
    };
    return services;
}

Individual individual(std::uint64_t id, double accuracy, double prompt_tokens,
                      std::string instruction) {
    Individual one;
    one.id = IndividualId{id};
    one.genome.instruction = std::move(instruction);
    one.objectives = {accuracy};
    one.measures = {accuracy, prompt_tokens, 1};
    return one;
}

void expect_same(const SearchState& a, const SearchState& b) {
    EXPECT_EQ(a.generation, b.generation);
    EXPECT_EQ(a.population, b.population);
    EXPECT_EQ(a.archive, b.archive);
    EXPECT_EQ(a.born, b.born);
    EXPECT_TRUE(a.scores.same_results(b.scores));
    EXPECT_EQ(a.proposals, b.proposals);
    EXPECT_EQ(a.seen, b.seen);
    EXPECT_EQ(a.next_id, b.next_id);
    EXPECT_EQ(a.spent, b.spent);
    EXPECT_EQ(a.finished, b.finished);
    EXPECT_EQ(a.note, b.note);
}

std::vector<std::uint64_t> ids(const std::vector<Individual>& individuals) {
    std::vector<std::uint64_t> numbers;
    std::ranges::transform(individuals, std::back_inserter(numbers),
                           [](const Individual& one) { return one.id.value; });
    return numbers;
}

SearchState run_checked(const evolution::Algorithm& algorithm, ScriptedServices services,
                        int generations) {
    SearchState state = algorithm.start(services);
    for (int generation = 0; generation < generations && !state.finished; ++generation) {
        const SearchState saved = state;
        state = algorithm.step(std::move(state), services);
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
            ScriptedServices other = services;
            other.order = ScriptedServices::Order::shuffled;
            other.shuffle_seed = seed;
            expect_same(algorithm.step(saved, other), state);
        }
        EXPECT_EQ(services.under_way(), 0U);
    }
    return state;
}

}  // namespace evoke::test
