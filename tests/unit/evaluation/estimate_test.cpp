#include "evoke/evaluation/estimate.hpp"

#include <gmock/gmock.h>

#include "evoke/evaluation/evaluator.hpp"
#include "fixture.hpp"
#include "support/scripted_model.hpp"

namespace evoke::evaluation {
namespace {

using test::ScriptedModel;
using testing::SizeIs;

TEST(Estimate, counts_what_likelihood_will_ask) {
    const Task task = make_task(sentiment_options(), "four\t1\nsix by\t0\n");
    const std::array genomes{instruction("J"), instruction("Judge")};
    const ScriptedModel model;
    const CostEstimate cost = estimate(task, model.tokenizer(), genomes);
    ASSERT_THAT(cost.genomes, SizeIs(2));
    // Bytes: <bos> + "J\nText: four\nLabel:" = 1 + 19, or 21 for "six by"; " bad" + " good" = 9.
    EXPECT_DOUBLE_EQ(cost.genomes[0].prompt_tokens, 30.0);
    EXPECT_DOUBLE_EQ(cost.genomes[0].label_tokens, 9.0);
    EXPECT_EQ(cost.genomes[0].shared_tokens, 9U);
    EXPECT_EQ(cost.genomes[0].longest, 27U);
    EXPECT_DOUBLE_EQ(cost.genomes[1].prompt_tokens, 34.0);
    EXPECT_DOUBLE_EQ(cost.mean.prompt_tokens, 32.0);
    EXPECT_EQ(cost.mean.shared_tokens, 11U);
    EXPECT_EQ(cost.mean.longest, 31U);
    EXPECT_EQ(cost.examples, 2U);
    EXPECT_EQ(cost.generated_tokens, 0U);
}

TEST(Estimate, agrees_with_the_outcomes) {
    for (const char* answer : {"likelihood", "generated"}) {
        TaskOptions options = sentiment_options();
        options.answer = answer;
        const Task task = make_task(options, "four\t1\nsix by\t0\nx\t1\n");
        const auto genome = instruction("Judge.");
        ScriptedModel model;
        Evaluator evaluator{task, model, model, std::nullopt, std::nullopt};
        const auto block = task.whole_dev();
        const auto outcomes = std::get<population::EvaluateResult>(
                                  evaluator.run(population::EvaluateUnit{{genome}, block.examples}))
                                  .outcomes;
        double sum = 0;
        for (const auto& outcome : outcomes) sum += outcome.prompt_tokens;
        const CostEstimate cost = estimate(task, model.tokenizer(), {&genome, 1});
        EXPECT_DOUBLE_EQ(cost.genomes.at(0).prompt_tokens, sum / 3) << answer;
    }
}

TEST(Estimate, knows_the_limit_of_generated_answers) {
    TaskOptions options = sentiment_options();
    options.answer = "generated";
    options.max_tokens = 12;
    const Task task = make_task(options, "four\t1\n");
    const auto genome = instruction("J");
    const CostEstimate cost = estimate(task, ScriptedModel{}.tokenizer(), {&genome, 1});
    EXPECT_EQ(cost.generated_tokens, 12U);
    EXPECT_DOUBLE_EQ(cost.mean.prompt_tokens, 20.0);
    EXPECT_DOUBLE_EQ(cost.mean.label_tokens, 0.0);
}

TEST(Estimate, counts_prompt_and_target) {
    TaskOptions options;
    options.answer = "target";
    options.target = "is";
    const Task task = Task::load(options, "", 1);
    const auto genome = instruction("way");
    const CostEstimate cost = estimate(task, ScriptedModel{}.tokenizer(), {&genome, 1});
    EXPECT_DOUBLE_EQ(cost.mean.prompt_tokens, 7.0);  // <bos>, "way", " is"
    EXPECT_DOUBLE_EQ(cost.mean.label_tokens, 3.0);
}

TEST(Estimate, of_nothing_is_nothing) {
    const Task task = make_task(sentiment_options(), "four\t1\n");
    const CostEstimate cost = estimate(task, ScriptedModel{}.tokenizer(), {});
    EXPECT_THAT(cost.genomes, testing::IsEmpty());
    EXPECT_EQ(cost.mean.prompt_tokens, 0.0);
}

}  // namespace
}  // namespace evoke::evaluation
