#include "evolution/operators/demonstrations.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::Each;

using Ids = std::vector<std::uint32_t>;

/// What the operator makes of a prompt with these demonstrations, for 30 slots.
std::vector<Ids> changed(const std::string& name, const Ids& shown, int most = 3) {
    SearchOptions options;
    options.demonstrations = most;
    const OperatorBench bench{name, options};
    Plan plan = bench.plan({"Judge it."});
    for (const auto id : shown) plan.parents[0].genome.demonstrations.emplace_back(id);
    std::vector<Ids> results;
    for (std::uint32_t slot = 0; slot < 30; ++slot) {
        const auto child = bench.operation().make(plan, {}, OperatorBench::key(slot));
        EXPECT_EQ(child.instruction, "Judge it.");
        results.emplace_back();
        for (const ExampleId id : child.demonstrations) results.back().push_back(id.value);
    }
    return results;
}

TEST(DemonstrationsAdd, adds_one_that_is_not_shown_yet_at_the_end) {
    const auto results = changed("demonstrations-add", {12, 10});
    EXPECT_THAT(results, Each(testing::AnyOf(Ids{12, 10, 11}, Ids{12, 10, 13})));
    EXPECT_THAT(results, testing::Contains(Ids{12, 10, 13}));
}

TEST(DemonstrationsAdd, swaps_one_of_a_full_prompt) {
    EXPECT_THAT(changed("demonstrations-add", {10}, 1),
                Each(testing::AnyOf(Ids{11}, Ids{12}, Ids{13})));
}

TEST(DemonstrationsDrop, drops_one) {
    const auto results = changed("demonstrations-drop", {12, 10});
    EXPECT_THAT(results, Each(testing::AnyOf(Ids{12}, Ids{10})));
    EXPECT_THAT(results, testing::Contains(Ids{12}));
}

TEST(DemonstrationsDrop, adds_one_where_there_is_none) {
    EXPECT_THAT(changed("demonstrations-drop", {}), Each(testing::SizeIs(1)));
}

TEST(DemonstrationsSwap, replaces_one_in_its_place) {
    const auto results = changed("demonstrations-swap", {12, 10});
    EXPECT_THAT(results, Each(testing::AnyOf(Ids{11, 10}, Ids{13, 10}, Ids{12, 11}, Ids{12, 13})));
    EXPECT_THAT(results, testing::Contains(Ids{12, 13}));
}

TEST(DemonstrationsSwap, changes_nothing_when_all_are_shown) {
    EXPECT_THAT(changed("demonstrations-swap", {10, 11, 12, 13}, 4), Each(Ids{10, 11, 12, 13}));
}

}  // namespace
}  // namespace evoke::evolution
