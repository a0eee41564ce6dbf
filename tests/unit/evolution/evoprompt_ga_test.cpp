#include "evolution/algorithms/evoprompt_ga.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "search_world.hpp"

namespace evoke::evolution {
namespace {

using population::Direction;
using population::Individual;
using population::Objective;
using population::SearchState;
using test::ids;
using test::individual;
using testing::ElementsAre;
using testing::EndsWith;

SearchOptions options_of(int population) {
    SearchOptions options;
    options.algorithm = "evoprompt-ga";
    options.population = population;
    options.operators = {"lm-crossover-mutation"};
    return options;
}

std::string genome_of(const Individual& one) {
    return one.genome.instruction;
}

TEST(EvoPromptGa, start_measures_all_initial_prompts_and_keeps_the_best) {
    auto services = test::word_services();
    const auto algorithm =
        make_algorithm(options_of(2), test::word_problem({"x", "w0 w1", "w2", "w0 w1", "w3 y"}));
    const SearchState state = algorithm->start(services);
    EXPECT_EQ(state.generation, 0U);
    EXPECT_THAT(ids(state.born), ElementsAre(0, 1, 2, 3));  // the repeated one is measured once
    EXPECT_THAT(ids(state.population), ElementsAre(1, 2));  // 3 has more tokens than 2
    EXPECT_THAT(ids(state.archive), ElementsAre(1, 1));
    EXPECT_EQ(state.born[3].operation, "initial");
    EXPECT_THAT(state.population[0].measures, ElementsAre(0.25, 0.75, 2, 1));
    EXPECT_EQ(state.spent.evaluations, 32U);
    EXPECT_EQ(state.seen.size(), 4U);
    EXPECT_EQ(state.next_id, IndividualId{4});
    EXPECT_EQ(state.note, "best accuracy 0.2500: \"w0 w1\"; 4 prompts measured, 2 start");
}

// One generation by hand. P = A "w0 w1" (2/8), B "w2" (1/8), C "x" (0): fitness 2 : 1 : 0.
//   wheel: uniform draws .704 .647 .137 with A below .667       W = B A A
//   permutations of W's slots: (1 0 2) (1 0 2) (0 1 2)           pairs A B, A B, B A
TEST(EvoPromptGa, a_generation_follows_the_pseudo_code) {
    auto services = test::word_services();
    services.on_ask = [](const MetaPrompt& prompt) {
        const std::vector<std::string> children{"w4 w5 w6", "w0 w1", "w7"};
        return test::tagged(prompt.key.attempt == 0 ? children[prompt.key.slot] : "w0 w3 x x");
    };
    const auto algorithm = make_algorithm(options_of(3), test::word_problem({"w0 w1", "w2", "x"}));
    SearchState state = algorithm->start(services);
    state = algorithm->step(std::move(state), services);

    EXPECT_EQ(state.generation, 1U);
    // Slot 1 proposes A again, which is refused, and then "w0 w3 x x".
    ASSERT_EQ(state.born.size(), 3U);
    EXPECT_EQ(genome_of(state.born[0]), "w4 w5 w6");
    EXPECT_EQ(genome_of(state.born[1]), "w0 w3 x x");
    EXPECT_EQ(genome_of(state.born[2]), "w7");
    EXPECT_EQ(state.born[1].attempt, 1U);
    EXPECT_THAT(state.born[0].parents, ElementsAre(IndividualId{0}, IndividualId{1}));
    EXPECT_THAT(state.born[1].parents, ElementsAre(IndividualId{0}, IndividualId{1}));
    EXPECT_THAT(state.born[2].parents, ElementsAre(IndividualId{1}, IndividualId{0}));
    EXPECT_THAT(services.asked[0].prompt, EndsWith("Prompt A: w0 w1\nPrompt B: w2\n1."));
    EXPECT_THAT(services.asked[2].prompt, EndsWith("Prompt A: w2\nPrompt B: w0 w1\n1."));
    // 3/8, then 2/8 with two tokens, then 2/8 with four.
    EXPECT_THAT(ids(state.population), ElementsAre(3, 0, 4));
    EXPECT_EQ(state.proposals.size(), 4U);
    EXPECT_EQ(state.spent.evaluations, 48U);
    EXPECT_EQ(state.spent.proposals, 4U);
    // The baseline A, then the front: one objective, so the best one.
    EXPECT_THAT(ids(state.archive), ElementsAre(0, 3));
    EXPECT_EQ(state.scores.rows().size(), 4U);
}

TEST(EvoPromptGa, meta_prompts_are_sampled_with_the_slots_own_key) {
    auto services = test::word_services();
    auto options = options_of(2);
    options.temperature = 0.8;
    options.proposal_tokens = 33;
    const auto algorithm = make_algorithm(options, test::word_problem({"w0 w1", "w2"}));
    SearchState state = algorithm->start(services);
    state = algorithm->step(std::move(state), services);
    ASSERT_GE(services.asked.size(), 2U);
    EXPECT_EQ(services.asked[1].key,
              (RandomKey{.seed = 7, .purpose = Purpose::proposal, .generation = 1, .slot = 1}));
    EXPECT_EQ(services.asked[1].temperature, 0.8);
    EXPECT_EQ(services.asked[1].max_tokens, 33U);
    EXPECT_FALSE(services.asked[1].chat);
}

TEST(EvoPromptGa, same_seed_same_result_for_any_order_of_arrival_and_after_a_round_trip) {
    auto options = options_of(6);
    options.operators = {"lm-crossover-mutation", "edit-exchange", "edit-delete", "lm-paraphrase"};
    const auto algorithm =
        make_algorithm(options, test::word_problem({"w0 w1", "w2", "x y z", "w3 or w4 w4"}));
    const SearchState state = test::run_checked(*algorithm, test::word_services(), 5);
    EXPECT_EQ(state.generation, 5U);
    EXPECT_EQ(state.population.size(), 6U);

    auto problem = test::word_problem({"w0 w1", "w2", "x y z", "w3 or w4 w4"});
    problem.seed = 8;
    const auto other = make_algorithm(options, problem);
    const SearchState different = test::run_checked(*other, test::word_services(), 5);
    EXPECT_NE(different.population, state.population);
}

// Exchanging phrases keeps their number, three; the best that three phrases can do is 3/8.
TEST(EvoPromptGa, finds_better_prompts_and_never_loses_the_best) {
    auto services = test::word_services();
    auto options = options_of(8);
    options.operators = {"edit-exchange", "edit-delete", "edit-repeat", "edit-swap"};
    const auto algorithm = make_algorithm(
        options, test::word_problem({"w0, w1, x", "w2, w3, x", "w4, w5, x", "w6, w7, x"}));
    SearchState state = algorithm->start(services);
    double best = state.population[0].objectives[0];
    EXPECT_EQ(best, 0.25);
    for (int i = 0; i < 12; ++i) {
        state = algorithm->step(std::move(state), services);
        EXPECT_GE(state.population[0].objectives[0], best);
        best = state.population[0].objectives[0];
    }
    EXPECT_GE(best, 0.375);
}

TEST(EvoPromptGa, works_with_one_individual) {
    const auto algorithm = make_algorithm(options_of(1), test::word_problem({"x"}));
    const SearchState state = test::run_checked(*algorithm, test::word_services(), 3);
    EXPECT_EQ(state.population.size(), 1U);
}

TEST(RouletteFitness, takes_a_maximised_objective_as_it_is) {
    const std::vector<Objective> accuracy{
        {.measure = "accuracy", .direction = Direction::maximise}};
    Individual overflowed = individual(3, std::numeric_limits<double>::quiet_NaN(), 1);
    overflowed.feasible = false;
    const std::vector<Individual> group{individual(1, 0.5, 1), individual(2, 0.25, 1), overflowed};
    EXPECT_THAT(roulette_fitness(group, accuracy), ElementsAre(0.5, 0.25, 0));
}

TEST(RouletteFitness, turns_a_minimised_objective_round) {
    const std::vector<Objective> loss{{.measure = "loss", .direction = Direction::minimise}};
    const std::vector<Individual> group{individual(1, 3, 1), individual(2, 1, 1),
                                        individual(3, 2, 1)};
    const auto fitness = roulette_fitness(group, loss);
    EXPECT_NEAR(fitness[0], 0.2, 1e-12);
    EXPECT_NEAR(fitness[1], 2.2, 1e-12);
    EXPECT_NEAR(fitness[2], 1.2, 1e-12);
}

TEST(RouletteFitness, gives_equal_feasible_ones_the_same_chance_and_infeasible_ones_none) {
    const std::vector<Objective> accuracy{
        {.measure = "accuracy", .direction = Direction::maximise}};
    Individual overflowed = individual(3, std::numeric_limits<double>::quiet_NaN(), 1);
    overflowed.feasible = false;
    const std::vector<Individual> group{individual(1, 0, 1), overflowed, individual(2, 0, 1)};
    EXPECT_THAT(roulette_fitness(group, accuracy), ElementsAre(1, 0, 1));
}

}  // namespace
}  // namespace evoke::evolution
