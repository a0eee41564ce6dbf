#include "evolution/algorithms/random_search.hpp"

#include <gmock/gmock.h>

#include <set>

#include "search_world.hpp"

namespace evoke::evolution {
namespace {

using population::SearchState;
using test::ids;
using testing::ElementsAre;

std::unique_ptr<Algorithm> algorithm_of(int population, std::vector<std::string> operators) {
    SearchOptions options;
    options.algorithm = "random-search";
    options.population = population;
    options.operators = std::move(operators);
    return make_algorithm(options, test::word_problem({"w0 w1", "w2", "x", "w3 w4 y", "z z"}));
}

TEST(RandomSearch, draws_parents_from_the_first_population_in_every_generation) {
    auto services = test::word_services();
    const auto algorithm = algorithm_of(3, {"lm-crossover-mutation"});
    SearchState state = algorithm->start(services);
    // The best three of five: "w0 w1", then "w3 w4 y" (as good, but longer), then "w2".
    EXPECT_THAT(ids(state.population), ElementsAre(0, 3, 1));
    std::set<std::uint64_t> parents;
    for (int i = 0; i < 6; ++i) {
        state = algorithm->step(std::move(state), services);
        EXPECT_EQ(state.born.size(), 3U);
        for (const auto& child : state.born) {
            ASSERT_EQ(child.parents.size(), 2U);
            EXPECT_NE(child.parents[0], child.parents[1]);
            for (const auto parent : child.parents) parents.insert(parent.value);
        }
    }
    EXPECT_THAT(parents, ElementsAre(0, 1, 3));
}

TEST(RandomSearch, keeps_the_best_ever_seen_before_the_first_population) {
    auto services = test::word_services();
    services.on_ask = [](const MetaPrompt& prompt) {
        return test::tagged(prompt.key.slot == 1 ? "w0 w1 w2"
                                                 : "x" + std::string(prompt.key.slot + 1, 'x'));
    };
    const auto algorithm = algorithm_of(3, {"lm-crossover-mutation"});
    SearchState state = algorithm->start(services);
    state = algorithm->step(std::move(state), services);
    // Child 6 is the best now. The first population was 0, 3 and 1; 1 is kept as a parent.
    EXPECT_THAT(ids(state.born), ElementsAre(5, 6, 7));
    EXPECT_THAT(ids(state.population), ElementsAre(6, 0, 3, 1));
    EXPECT_FALSE(state.scores.row(IndividualId{1}).empty());
}

TEST(RandomSearch, same_seed_same_result_for_any_order_of_arrival_and_after_a_round_trip) {
    const auto algorithm = algorithm_of(4, {"lm-crossover-mutation", "edit-exchange", "edit-swap"});
    const SearchState state = test::run_checked(*algorithm, test::word_services(), 5);
    EXPECT_EQ(state.generation, 5U);
    EXPECT_GE(state.population[0].objectives[0], 0.25);
}

TEST(RandomSearch, asks_for_as_many_children_as_evoprompt_ga) {
    SearchOptions options;
    options.population = 4;
    options.attempts = 1;
    const auto problem = test::word_problem({"w0 w1", "w2", "x", "w3 w4 y"});
    std::vector<std::uint64_t> proposals;
    for (const std::string name : {"random-search", "evoprompt-ga"}) {
        options.algorithm = name;
        auto services = test::word_services();
        const auto algorithm = make_algorithm(options, problem);
        SearchState state = algorithm->start(services);
        for (int i = 0; i < 3; ++i) state = algorithm->step(std::move(state), services);
        proposals.push_back(state.spent.proposals);
    }
    EXPECT_THAT(proposals, ElementsAre(12, 12));
}

}  // namespace
}  // namespace evoke::evolution
