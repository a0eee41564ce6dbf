#include "evolution/operators/lm_induce.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"
#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(LmInduce, needs_no_parents_and_shows_demonstrations) {
    const OperatorBench bench{"lm-induce"};
    EXPECT_EQ(bench.operation().parents(), 0U);
    const auto asked = *bench.operation().meta_prompt(bench.plan({}), OperatorBench::key(0));
    for (const std::string pair : {"Input: fine\nOutput: good\n", "Input: dull\nOutput: bad\n",
                                   "Input: nice\nOutput: good\n", "Input: poor\nOutput: bad\n"})
        EXPECT_THAT(asked.prompt, HasSubstr(pair));
}

TEST(LmInduce, draws_the_demonstrations_by_slot_and_attempt) {
    const OperatorBench bench{"lm-induce"};
    const auto prompt = [&](std::uint32_t slot, std::uint32_t attempt) {
        return bench.operation()
            .meta_prompt(bench.plan({}), OperatorBench::key(slot, attempt))
            ->prompt;
    };
    EXPECT_EQ(prompt(1, 0), prompt(1, 0));
    EXPECT_NE(prompt(1, 0), prompt(2, 0));
    EXPECT_NE(prompt(1, 0), prompt(1, 1));
}

TEST(LmInduce, child_has_no_demonstrations) {
    const OperatorBench bench{"lm-induce"};
    const auto child = bench.operation().make(bench.plan({}), "Judge it.", {});
    EXPECT_EQ(child.instruction, "Judge it.");
    EXPECT_TRUE(child.demonstrations.empty());
}

}  // namespace
}  // namespace evoke::evolution
