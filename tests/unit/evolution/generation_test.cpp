#include "evolution/generation.hpp"

#include <gmock/gmock.h>

#include "search_world.hpp"

namespace evoke::evolution {
namespace {

using population::SearchState;
using test::ids;
using testing::ElementsAre;

Setting setting_of(std::vector<std::string> initial, std::vector<std::string> operators) {
    SearchOptions options;
    options.population = 3;
    options.operators = std::move(operators);
    Setting setting{
        .options = options, .problem = test::word_problem(std::move(initial)), .operators = {}};
    setting.operators = make_operators(options, {}, {});
    return setting;
}

std::string operator_name(const Setting& setting, std::uint32_t generation, std::size_t slot) {
    SearchState state;
    state.generation = generation;
    return std::string{operator_of(setting, state, slot).name()};
}

TEST(OperatorOf, takes_operators_in_turn_across_slots_and_generations) {
    const Setting setting =
        setting_of({"x"}, {"edit-delete", "edit-swap", "edit-repeat", "edit-swap"});
    EXPECT_EQ(operator_name(setting, 1, 0), "edit-delete");
    EXPECT_EQ(operator_name(setting, 1, 2), "edit-repeat");
    EXPECT_EQ(operator_name(setting, 2, 0), "edit-swap");
    EXPECT_EQ(operator_name(setting, 2, 1), "edit-delete");
}

TEST(MakePlan, lists_what_the_first_parent_got_wrong) {
    const Setting setting = setting_of({"w0 w1 w2 w3 w6"}, {"edit-delete"});
    auto services = test::word_services();
    const SearchState state = first_generation(setting, services);
    const Plan plan = make_plan(setting, state, *setting.operators[0], {state.population[0]});
    EXPECT_THAT(plan.mistakes, ElementsAre(ExampleId{4}, ExampleId{5}, ExampleId{7}));
}

TEST(CloseGeneration, keeps_score_rows_of_population_archive_and_born_alone) {
    const Setting setting = setting_of({"w0", "x", "y", "z", "w1 w2"}, {"edit-delete"});
    auto services = test::word_services();
    SearchState state = first_generation(setting, services);
    EXPECT_EQ(state.scores.rows().size(), 5U);
    EXPECT_THAT(ids(state.population), ElementsAre(4, 0, 1));
    const auto before = state.population;
    open_generation(state);
    close_generation(state, before, setting);
    EXPECT_EQ(state.scores.rows().size(), 3U);
    EXPECT_TRUE(state.scores.row(IndividualId{2}).empty());
}

TEST(FirstGeneration, has_a_baseline_even_when_every_prompt_is_infeasible) {
    const Setting setting = setting_of({"a", "b"}, {"edit-delete"});
    auto services = test::word_services();
    services.on_evaluate = [](const population::Genome&, ExampleId) { return test::overflow(2); };
    const SearchState state = first_generation(setting, services);
    EXPECT_THAT(ids(state.archive), ElementsAre(0));
    EXPECT_FALSE(state.population[0].feasible);
    EXPECT_THAT(state.note, testing::HasSubstr("best accuracy infeasible"));
}

}  // namespace
}  // namespace evoke::evolution
