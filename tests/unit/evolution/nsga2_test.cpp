#include "evolution/algorithms/nsga2.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "evoke/evolution/measures.hpp"
#include "search_world.hpp"

namespace evoke::evolution {
namespace {

using population::Direction;
using population::Individual;
using population::Objective;
using population::SearchState;
using test::ids;
using testing::ElementsAre;

constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<Objective> both_small{{.measure = "a", .direction = Direction::minimise},
                                        {.measure = "b", .direction = Direction::minimise}};

Individual point(std::uint64_t id, double a, double b) {
    Individual one = test::individual(id, a, b);
    one.objectives = {a, b};
    return one;
}

std::vector<std::size_t> fronts(const std::vector<Standing>& standing) {
    std::vector<std::size_t> numbers;
    for (const Standing& one : standing) numbers.push_back(one.front);
    return numbers;
}

std::vector<double> crowding(const std::vector<Standing>& standing) {
    std::vector<double> distances;
    for (const Standing& one : standing) distances.push_back(one.crowding);
    return distances;
}

TEST(Standings, crowding_is_the_scaled_distance_between_neighbours) {
    const std::vector<Individual> group{point(0, 4, 2), point(1, 1, 5), point(2, 5, 1),
                                        point(3, 2, 3)};
    const auto standing = standings(group, both_small);
    EXPECT_THAT(fronts(standing), ElementsAre(0, 0, 0, 0));
    // (5-2)/4 + (3-1)/4 and (4-1)/4 + (5-2)/4.
    EXPECT_THAT(crowding(standing), ElementsAre(1.25, infinity, infinity, 1.5));
}

TEST(Standings, counts_fronts_from_the_best) {
    const std::vector<Individual> group{point(0, 2, 2), point(1, 1, 1), point(2, 3, 3),
                                        point(3, 0, 4)};
    EXPECT_THAT(fronts(standings(group, both_small)), ElementsAre(1, 0, 2, 0));
}

TEST(Standings, infeasible_ones_form_the_last_front) {
    Individual overflowed = point(0, 0, 0);
    overflowed.feasible = false;
    overflowed.objectives = {std::nan(""), std::nan("")};
    const std::vector<Individual> group{overflowed, point(1, 1, 1), point(2, 2, 2)};
    const auto standing = standings(group, both_small);
    EXPECT_THAT(fronts(standing), ElementsAre(2, 0, 1));
    EXPECT_EQ(standing[0].crowding, 0);
    const std::vector<Individual> alone{overflowed};
    EXPECT_THAT(fronts(standings(alone, both_small)), ElementsAre(0));
}

TEST(Standings, of_equal_points_the_ends_by_id_are_the_ends_of_the_front) {
    const std::vector<Individual> group{point(7, 1, 1), point(5, 1, 1), point(6, 1, 1)};
    EXPECT_THAT(crowding(standings(group, both_small)), ElementsAre(infinity, infinity, 0));
}

TEST(StandsBefore, lower_front_then_more_room) {
    EXPECT_TRUE(stands_before({.front = 0, .crowding = 0}, {.front = 1, .crowding = infinity}));
    EXPECT_TRUE(stands_before({.front = 1, .crowding = 2}, {.front = 1, .crowding = 1}));
    EXPECT_FALSE(stands_before({.front = 1, .crowding = 1}, {.front = 1, .crowding = 1}));
}

Problem three_objectives(std::vector<std::string> initial) {
    Problem problem = test::word_problem(std::move(initial));
    problem.objectives.push_back({.measure = "prompt_tokens", .direction = Direction::minimise});
    problem.objectives.push_back({.measure = "generated_tokens", .direction = Direction::minimise});
    return problem;
}

SearchOptions options_of(int population) {
    SearchOptions options;
    options.algorithm = "nsga2";
    options.population = population;
    options.operators = {"lm-crossover-mutation", "edit-delete", "edit-exchange"};
    return options;
}

TEST(Nsga2, start_keeps_fronts_and_not_the_first_objective_alone) {
    auto services = test::word_services();
    // (2/8, 2 tokens) and (0, 1 token) are not dominated; (2/8, 3) is only by the first.
    const auto algorithm =
        make_algorithm(options_of(2), three_objectives({"w0 w1 x", "w0 w1", "x", "y y y y"}));
    const SearchState state = algorithm->start(services);
    EXPECT_THAT(ids(state.population), ElementsAre(1, 2));
    EXPECT_THAT(ids(state.archive), ElementsAre(1, 1, 2));
}

TEST(Nsga2, survivors_are_the_fronts_of_parents_and_children) {
    auto services = test::word_services();
    auto options = options_of(3);
    options.operators = {"lm-crossover-mutation"};
    services.on_ask = [](const MetaPrompt& prompt) {
        const std::vector<std::string> children{"w0 w1 w2 w3", "y y", "w4"};
        return test::tagged(children.at(prompt.key.slot));
    };
    const auto algorithm = make_algorithm(options, three_objectives({"w0 w1", "w2 x", "x"}));
    SearchState state = algorithm->start(services);
    state = algorithm->step(std::move(state), services);
    // Tokens : right answers. 0 is 2:2, 1 is 2:1, 2 is 1:0, and the children 3 4:4, 4 2:0, 5 1:1.
    // Front: 3, 0 and 5.
    EXPECT_THAT(ids(state.born), ElementsAre(3, 4, 5));
    EXPECT_THAT(ids(state.population), ElementsAre(3, 0, 5));
    EXPECT_THAT(ids(state.archive), ElementsAre(0, 0, 3, 5));
}

TEST(Nsga2, same_seed_same_result_for_any_order_of_arrival_and_after_a_round_trip) {
    const auto algorithm =
        make_algorithm(options_of(6), three_objectives({"w0 w1", "w2", "x y z", "w3 or w4 w4"}));
    const SearchState state = test::run_checked(*algorithm, test::word_services(), 6);
    EXPECT_EQ(state.population.size(), 6U);
}

TEST(Nsga2, never_loses_a_corner_of_the_front) {
    auto services = test::word_services();
    const auto algorithm = make_algorithm(
        options_of(8), three_objectives({"w0, w1, x", "w2, w3, x", "w4, w5", "w6, w7, x, x"}));
    SearchState state = algorithm->start(services);
    for (int i = 0; i < 10; ++i) {
        double best = 0, shortest = infinity;
        for (const auto& one : state.population) {
            best = std::max(best, one.objectives[0]);
            shortest = std::min(shortest, one.objectives[1]);
        }
        state = algorithm->step(std::move(state), services);
        double next_best = 0, next_shortest = infinity;
        for (const auto& one : state.population) {
            next_best = std::max(next_best, one.objectives[0]);
            next_shortest = std::min(next_shortest, one.objectives[1]);
        }
        EXPECT_GE(next_best, best);
        EXPECT_LE(next_shortest, shortest);
    }
}

TEST(Nsga2, works_with_one_objective_and_one_individual) {
    auto options = options_of(1);
    const auto algorithm = make_algorithm(options, test::word_problem({"w0 w1 x"}));
    const SearchState state = test::run_checked(*algorithm, test::word_services(), 3);
    EXPECT_EQ(state.population.size(), 1U);
}

}  // namespace
}  // namespace evoke::evolution
