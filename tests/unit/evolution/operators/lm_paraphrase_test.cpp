#include "evolution/operators/lm_paraphrase.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"
#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(LmParaphrase, shows_the_parent) {
    const OperatorBench bench{"lm-paraphrase"};
    const auto asked = *bench.operation().meta_prompt(bench.plan({"Sort {labels}."}), {});
    EXPECT_THAT(asked.prompt, HasSubstr("Prompt: Sort {labels}.\nNew prompt:"));
}

TEST(LmParaphrase, child_keeps_the_parents_demonstrations_in_their_order) {
    const OperatorBench bench{"lm-paraphrase"};
    Plan plan = bench.plan({"a"});
    plan.parents[0].genome.demonstrations = {ExampleId{12}, ExampleId{10}};
    EXPECT_THAT(bench.operation().make(plan, "b", {}).demonstrations,
                ElementsAre(ExampleId{12}, ExampleId{10}));
}

TEST(LmParaphrase, refuses_an_answer_that_was_cut_off) {
    const OperatorBench bench{"lm-paraphrase"};
    EXPECT_EQ(bench.operation().parse(test::reply("<prompt>Sort", true)).verdict,
              population::Verdict::truncated);
}

}  // namespace
}  // namespace evoke::evolution
