#include <gmock/gmock.h>

#include <cmath>

#include "evoke/evaluation/evaluator.hpp"
#include "fixture.hpp"
#include "support/scripted_model.hpp"

namespace evoke::evaluation {
namespace {

using population::EvaluateUnit;
using population::Outcome;
using population::OutcomeStatus;
using test::ScriptedModel;
using test::WordTokenizer;
using testing::ElementsAre;
using testing::SizeIs;

constexpr TokenId the = WordTokenizer::first_word;
constexpr TokenId way = the + 1;

test::WordTokenizerOptions words(bool add_bos = true) {
    return {.words = {"The", " way", " is", " here"}, .add_bos = add_bos};
}

Task way_is_here() {
    TaskOptions options;
    options.answer = "target";
    options.target = "is here";
    options.fluency_weight = 0.5;
    return Task::load(options, "", 1);
}

/// −1 for "The", −2 for " way", −3 for " is", −5 for " here".
double logprob(std::string_view, std::string_view token) {
    if (token == "The") return -1;
    if (token == " way") return -2;
    return token == " is" ? -3 : -5;
}

std::vector<Outcome> evaluate(const Task& task, ScriptedModel& model,
                              std::vector<population::Genome> genomes) {
    Evaluator evaluator{task, model, model, std::nullopt, std::nullopt};
    const EvaluateUnit unit{std::move(genomes), {ExampleId{0}}};
    return std::get<population::EvaluateResult>(evaluator.run(unit)).outcomes;
}

TEST(Target, measures_losses_per_token) {
    const Task task = way_is_here();
    ScriptedModel model{{.logprob = logprob}, words()};
    const auto outcomes = evaluate(task, model, {{.instruction = "The way", .tokens = {the, way}}});
    ASSERT_THAT(outcomes, SizeIs(1));
    // target (3 + 5) / 2, fluency (1 + 2) / 2, weighted 4 + 0.5 · 1.5.
    EXPECT_THAT(outcomes[0].values, ElementsAre(4.75F, 4.0F, 1.5F));
    EXPECT_EQ(outcomes[0].prompt_tokens, 5U);  // <bos>, 2 of prompt, 2 of target
    EXPECT_EQ(outcomes[0].generated_tokens, 0U);
    EXPECT_EQ(model.scored[0].context_length, 1U);
}

TEST(Target, scores_all_candidates_in_one_call) {
    const Task task = way_is_here();
    ScriptedModel model{{.logprob = logprob}, words()};
    const auto outcomes = evaluate(task, model, {{.tokens = {the}}, {.tokens = {way, way}}});
    EXPECT_EQ(model.calls, 1U);
    EXPECT_THAT(outcomes[0].values, ElementsAre(4.5F, 4.0F, 1.0F));
    EXPECT_THAT(outcomes[1].values, ElementsAre(5.0F, 4.0F, 2.0F));
}

TEST(Target, without_bos_the_first_token_has_no_loss_of_its_own) {
    const Task task = way_is_here();
    ScriptedModel model{{.logprob = logprob}, words(false)};
    const auto outcomes = evaluate(task, model, {{.tokens = {the, way}}, {.tokens = {way}}});
    EXPECT_THAT(outcomes[0].values, ElementsAre(5.0F, 4.0F, 2.0F));
    EXPECT_THAT(outcomes[1].values, ElementsAre(4.0F, 4.0F, 0.0F));
}

TEST(Target, takes_text_for_tokens) {
    const Task task = way_is_here();
    ScriptedModel model{{.logprob = logprob}, words()};
    const auto outcomes = evaluate(task, model, {instruction("The way"), {.tokens = {the, way}}});
    EXPECT_TRUE(outcomes[0].same_result(outcomes[1]));
}

TEST(Target, overflows_like_any_other_prompt) {
    const Task task = way_is_here();
    ScriptedModel model{{.logprob = logprob, .context_length = 4}, words()};
    const auto outcomes = evaluate(task, model, {{.tokens = {the, way}}, {.tokens = {the}}});
    EXPECT_EQ(outcomes[0].status, OutcomeStatus::overflow);
    ASSERT_THAT(outcomes[0].values, SizeIs(3));
    EXPECT_TRUE(std::isnan(outcomes[0].values[2]));
    EXPECT_EQ(outcomes[1].status, OutcomeStatus::ok);
}

}  // namespace
}  // namespace evoke::evaluation
