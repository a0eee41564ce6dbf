#include "evoke/evolution/measures.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "search_world.hpp"

namespace evoke::evolution {
namespace {

using population::Direction;
using population::Individual;
using population::Objective;
using test::ids;
using test::individual;
using testing::ElementsAre;

const std::vector<std::string> task_measures{"accuracy", "loss"};
const std::vector<Objective> accuracy{{.measure = "accuracy", .direction = Direction::maximise}};
const std::vector<Objective> loss{{.measure = "loss", .direction = Direction::minimise}};
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(MeasureIndex, counts_the_task_measures_then_the_two_of_cost) {
    EXPECT_EQ(measure_index("loss", task_measures), 1U);
    EXPECT_EQ(measure_index("prompt_tokens", task_measures), 2U);
    EXPECT_EQ(measure_index("generated_tokens", task_measures), 3U);
    EXPECT_EQ(measure_index("speed", task_measures), std::nullopt);
}

TEST(SetMeasures, means_over_outcomes_and_objectives_in_the_jobs_order) {
    Individual one;
    std::vector<population::Outcome> outcomes{test::outcome({1, 0.25F}), test::outcome({0, 0.75F})};
    outcomes[1].generated_tokens = 4;
    const std::vector<Objective> objectives{
        {.measure = "generated_tokens", .direction = Direction::minimise},
        {.measure = "accuracy", .direction = Direction::maximise},
        {.measure = "prompt_tokens", .direction = Direction::minimise}};
    set_measures(one, outcomes, task_measures, 12, objectives);
    EXPECT_THAT(one.measures, ElementsAre(0.5, 0.5, 12, 2.5));
    EXPECT_THAT(one.objectives, ElementsAre(2.5, 0.5, 12));
    EXPECT_TRUE(one.feasible);
}

TEST(SetMeasures, one_overflow_makes_the_individual_infeasible) {
    Individual one;
    const std::vector<population::Outcome> outcomes{test::outcome({1, 0}), test::overflow(2)};
    set_measures(one, outcomes, task_measures, 12, accuracy);
    EXPECT_FALSE(one.feasible);
    ASSERT_EQ(one.objectives.size(), 1U);
    EXPECT_TRUE(std::isnan(one.objectives[0]));
    ASSERT_EQ(one.measures.size(), 4U);
    EXPECT_TRUE(std::isnan(one.measures[0]));
    EXPECT_EQ(one.measures[2], 12);
    EXPECT_TRUE(std::isnan(one.measures[3]));
}

TEST(SetMeasures, an_unparsed_answer_counts_as_measured) {
    Individual one;
    std::vector<population::Outcome> outcomes{test::outcome({1, 0}), test::outcome({0, 1})};
    outcomes[1].status = population::OutcomeStatus::unparsed;
    set_measures(one, outcomes, task_measures, 12, accuracy);
    EXPECT_TRUE(one.feasible);
    EXPECT_THAT(one.objectives, ElementsAre(0.5));
}

TEST(SetMeasures, rejects_what_does_not_fit) {
    Individual one;
    const std::vector<population::Outcome> narrow{test::outcome({1})};
    EXPECT_THROW(set_measures(one, narrow, task_measures, 1, accuracy), std::invalid_argument);
    EXPECT_THROW(set_measures(one, {}, task_measures, 1, accuracy), std::invalid_argument);
    const std::vector<population::Outcome> outcomes{test::outcome({1, 0})};
    const std::vector<Objective> unknown{{.measure = "speed", .direction = Direction::maximise}};
    EXPECT_THROW(set_measures(one, outcomes, task_measures, 1, unknown), std::invalid_argument);
}

TEST(RanksBefore, better_value_first_in_the_objectives_direction) {
    EXPECT_TRUE(ranks_before(individual(2, 0.9, 50), individual(1, 0.8, 5), accuracy));
    EXPECT_TRUE(ranks_before(individual(2, 0.1, 50), individual(1, 0.8, 5), loss));
}

TEST(RanksBefore, equal_values_by_prompt_tokens_then_id) {
    EXPECT_TRUE(ranks_before(individual(2, 0.8, 5), individual(1, 0.8, 6), accuracy));
    EXPECT_TRUE(ranks_before(individual(1, 0.8, 5), individual(2, 0.8, 5), accuracy));
    EXPECT_FALSE(ranks_before(individual(1, 0.8, 5), individual(1, 0.8, 5), accuracy));
}

TEST(BestOf, infeasible_ones_and_not_a_number_come_last) {
    Individual overflowed = individual(1, nan, 1);
    overflowed.feasible = false;
    const auto ranked = best_of({overflowed, individual(2, nan, 1), individual(3, 0.1, 9),
                                 individual(4, 0.2, 9), individual(5, nan, 0)},
                                4, accuracy);
    EXPECT_THAT(ids(ranked), ElementsAre(4, 3, 5, 2));
}

TEST(UpdatedArchive, keeps_the_baseline_and_whoever_nobody_dominates) {
    const std::vector<Objective> objectives{
        {.measure = "accuracy", .direction = Direction::maximise},
        {.measure = "prompt_tokens", .direction = Direction::minimise}};
    const auto point = [](std::uint64_t id, double value, double tokens) {
        Individual one = individual(id, value, tokens);
        one.objectives = {value, tokens};
        return one;
    };
    const std::vector<Individual> archive{point(0, 0.5, 10), point(0, 0.5, 10), point(4, 0.4, 8)};
    Individual infeasible = point(9, 0.99, 1);
    infeasible.feasible = false;
    const std::vector<Individual> evaluated{point(7, 0.4, 8), point(6, 0.6, 9), point(5, 0.3, 9),
                                            infeasible};
    // 6 dominates 0, 4 dominates 5; 7 equals 4; the baseline stays in front.
    const auto next = updated_archive(archive, evaluated, objectives);
    EXPECT_THAT(ids(next), ElementsAre(0, 4, 6, 7));
    // Whoever is in it already does not enter again.
    EXPECT_THAT(ids(updated_archive(next, evaluated, objectives)), ElementsAre(0, 4, 6, 7));
}

TEST(CountOutcomes, counts_every_outcome_and_its_tokens) {
    population::Spent spent{
        .evaluations = 1, .prompt_tokens = 2, .generated_tokens = 3, .proposals = 4};
    const std::vector<population::Outcome> outcomes{test::outcome({1}), test::outcome({1})};
    count_outcomes(spent, outcomes);
    EXPECT_EQ(spent,
              (population::Spent{
                  .evaluations = 3, .prompt_tokens = 22, .generated_tokens = 5, .proposals = 4}));
}

}  // namespace
}  // namespace evoke::evolution
