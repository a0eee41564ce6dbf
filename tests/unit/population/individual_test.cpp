#include "evoke/population/individual.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace evoke::population {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Individual individual() {
    return {.id = IndividualId{4},
            .genome = {.instruction = "Say it."},
            .parents = {IndividualId{1}, IndividualId{2}},
            .operation = "lm-crossover",
            .generation = 3,
            .slot = 2,
            .attempt = 1,
            .objectives = {0.5, nan},
            .measures = {0.5, nan, 12},
            .feasible = false};
}

TEST(Individual, an_infeasible_one_equals_its_copy) {
    EXPECT_EQ(individual(), individual());
}

TEST(Individual, differs_in_any_member) {
    const auto changed = [](auto change) {
        Individual other = individual();
        change(other);
        return other;
    };
    EXPECT_NE(individual(), changed([](Individual& x) { x.id = IndividualId{5}; }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.genome.tokens = {1}; }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.parents.pop_back(); }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.operation = "edit"; }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.generation = 4; }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.slot = 4; }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.attempt = 4; }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.objectives[1] = 1; }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.measures[0] = 0.25; }));
    EXPECT_NE(individual(), changed([](Individual& x) { x.feasible = true; }));
}

}  // namespace
}  // namespace evoke::population
