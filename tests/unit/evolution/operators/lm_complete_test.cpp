#include "evolution/operators/lm_complete.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"
#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(LmComplete, lists_the_parents_and_leaves_the_next_place_open) {
    SearchOptions options;
    options.chat = true;
    const OperatorBench bench{"lm-complete", options};
    const auto asked =
        *bench.operation().meta_prompt(bench.plan({"One", "Two\nlines", "Three"}), {});
    EXPECT_EQ(asked.prompt,
              "Instruction: One\nInstruction: Two lines\nInstruction: Three\nInstruction:");
    EXPECT_FALSE(asked.chat);
    EXPECT_THAT(asked.stop, ElementsAre("\n"));
}

TEST(LmComplete, lists_equal_parents_once) {
    const OperatorBench bench{"lm-complete"};
    const auto asked = *bench.operation().meta_prompt(bench.plan({"One", "Two", "One"}), {});
    EXPECT_EQ(asked.prompt, "Instruction: One\nInstruction: Two\nInstruction:");
}

TEST(LmComplete, reads_the_first_line) {
    const OperatorBench bench{"lm-complete"};
    EXPECT_EQ(bench.operation().parse(test::reply(" Four.\n5. Five")).instruction, "Four.");
    EXPECT_EQ(bench.operation().parse(test::reply("")).verdict, population::Verdict::empty);
}

}  // namespace
}  // namespace evoke::evolution
