#include "evolution/operators/lm_crossover_mutation.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"
#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(LmCrossoverMutation, shows_both_parents_after_an_example_of_another_task) {
    const OperatorBench bench{"lm-crossover-mutation"};
    const auto asked = bench.operation().meta_prompt(bench.plan({"first", "second"}), {});
    ASSERT_TRUE(asked.has_value());
    EXPECT_TRUE(asked->prompt.ends_with("Prompt A: first\nPrompt B: second\n1."));
    EXPECT_THAT(asked->prompt, HasSubstr("2. <prompt>"));
    EXPECT_TRUE(asked->stop.empty());
}

TEST(LmCrossoverMutation, samples_as_the_job_says) {
    SearchOptions options;
    options.temperature = 0.9;
    options.top_p = 0.8;
    options.proposal_tokens = 40;
    options.chat = true;
    options.stop = {"###"};
    const OperatorBench bench{"lm-crossover-mutation", options};
    const auto asked =
        *bench.operation().meta_prompt(bench.plan({"a", "b"}), OperatorBench::key(2, 1));
    EXPECT_EQ(asked.temperature, 0.9);
    EXPECT_EQ(asked.top_p, 0.8);
    EXPECT_EQ(asked.max_tokens, 40U);
    EXPECT_TRUE(asked.chat);
    EXPECT_THAT(asked.stop, ElementsAre("###"));
    EXPECT_EQ(
        asked.key,
        (RandomKey{
            .seed = 5, .purpose = Purpose::proposal, .generation = 1, .slot = 2, .attempt = 1}));
}

TEST(LmCrossoverMutation, reads_the_last_tagged_prompt) {
    const OperatorBench bench{"lm-crossover-mutation"};
    const Parsed parsed = bench.operation().parse(
        test::reply(" Crossed: x\n2. <prompt>y</prompt>\n3. <prompt>z</prompt>"));
    EXPECT_EQ(parsed, (Parsed{.verdict = population::Verdict::accepted, .instruction = "z"}));
}

TEST(LmCrossoverMutation, child_carries_as_many_demonstrations_as_parents_on_average) {
    const OperatorBench bench{"lm-crossover-mutation"};
    Plan plan = bench.plan({"a", "b"});
    plan.parents[0].genome.demonstrations = {ExampleId{10}, ExampleId{11}, ExampleId{12}};
    plan.parents[1].genome.demonstrations = {ExampleId{11}};
    const auto child = bench.operation().make(plan, "text", OperatorBench::key(0));
    EXPECT_EQ(child.instruction, "text");
    ASSERT_EQ(child.demonstrations.size(), 2U);
    EXPECT_NE(child.demonstrations[0], child.demonstrations[1]);
    EXPECT_EQ(bench.operation().make(plan, "text", OperatorBench::key(0)), child);
}

}  // namespace
}  // namespace evoke::evolution
