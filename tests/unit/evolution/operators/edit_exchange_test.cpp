#include "evolution/operators/edit_exchange.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::AnyOf;
using testing::Each;

TEST(EditExchange, puts_a_phrase_of_the_second_parent_into_the_first) {
    const OperatorBench bench{"edit-exchange"};
    const auto texts = bench.made({"a, b,", "x, y,"}, 40);
    EXPECT_THAT(texts, Each(AnyOf("x, b,", "y, b,", "a, x,", "a, y,")));
    EXPECT_THAT(texts, testing::Contains("a, x,"));
    EXPECT_THAT(texts, testing::Contains("y, b,"));
    EXPECT_EQ(bench.made({"a, b,", "x, y,"}, 40), texts);
}

TEST(EditExchange, child_carries_the_first_parents_demonstrations) {
    const OperatorBench bench{"edit-exchange"};
    Plan plan = bench.plan({"a, b,", "x,"});
    plan.parents[0].genome.demonstrations = {ExampleId{12}};
    plan.parents[1].genome.demonstrations = {ExampleId{10}};
    EXPECT_THAT(bench.operation().make(plan, {}, {}).demonstrations,
                testing::ElementsAre(ExampleId{12}));
}

TEST(EditExchange, with_an_empty_parent_changes_nothing) {
    const OperatorBench bench{"edit-exchange"};
    EXPECT_THAT(bench.made({"a", ""}, 3), Each("a"));
    EXPECT_THAT(bench.made({"", "a"}, 3), Each(""));
}

}  // namespace
}  // namespace evoke::evolution
