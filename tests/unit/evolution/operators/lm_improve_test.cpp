#include "evolution/operators/lm_improve.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"
#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(LmImprove, shows_the_parent_and_its_mistakes_with_right_answers) {
    const OperatorBench bench{"lm-improve"};
    Plan plan = bench.plan({"Guess."});
    plan.mistakes = {ExampleId{4}, ExampleId{99}};
    const auto asked = *bench.operation().meta_prompt(plan, OperatorBench::key(0));
    EXPECT_THAT(asked.prompt, HasSubstr("Guess."));
    EXPECT_THAT(asked.prompt, HasSubstr("Input: no way\nRight output: bad\n"));
    EXPECT_THAT(asked.prompt, Not(HasSubstr("so so")));
    EXPECT_THAT(asked.prompt, Not(HasSubstr("fine")));
}

TEST(LmImprove, shows_demonstrations_when_no_mistake_is_known) {
    const OperatorBench bench{"lm-improve"};
    const auto asked =
        *bench.operation().meta_prompt(bench.plan({"Guess."}), OperatorBench::key(0));
    EXPECT_THAT(asked.prompt, HasSubstr("Right output: "));
    EXPECT_THAT(asked.prompt, Not(HasSubstr("so so")));
}

TEST(LmImprove, reads_a_tagged_prompt) {
    const OperatorBench bench{"lm-improve"};
    EXPECT_EQ(bench.operation().parse(test::tagged("better")).instruction, "better");
}

}  // namespace
}  // namespace evoke::evolution
