#include <gmock/gmock.h>

#include <cmath>

#include "evoke/core/error.hpp"
#include "evoke/evaluation/evaluator.hpp"
#include "fixture.hpp"
#include "support/scripted_model.hpp"

namespace evoke::evaluation {
namespace {

using population::EvaluateUnit;
using population::Outcome;
using population::OutcomeStatus;
using test::ScriptedModel;
using testing::ElementsAre;
using testing::SizeIs;

std::vector<Outcome> evaluate(const Task& task, ScriptedModel& model, const EvaluateUnit& unit) {
    Evaluator evaluator{task, model, model, std::nullopt, std::nullopt};
    return std::get<population::EvaluateResult>(evaluator.run(unit)).outcomes;
}

/// Every example of dev.
EvaluateUnit everything(const Task& task, std::vector<population::Genome> genomes) {
    return {std::move(genomes), {task.dev().begin(), task.dev().end()}};
}

test::WordTokenizerOptions words() {
    return {.words = {"Judge.", "Text:", "Label:", "\n", " ", " bad", " good", " film", "-ish"}};
}

/// " good" has probability 0.6 behind the word "film", else 0.2; " bad" always 0.3.
double film_is_good(std::string_view before, std::string_view token) {
    if (token == " bad") return std::log(0.3);
    if (token == " good") return std::log(before.find("film") != before.npos ? 0.6 : 0.2);
    return std::log(0.5);
}

TEST(Likelihood, takes_the_most_probable_label) {
    const Task task = make_task(sentiment_options(), "a film\t1\na play\t1\na play\t0\n");
    ScriptedModel model{{.logprob = film_is_good}, words()};
    const auto outcomes = evaluate(task, model, everything(task, {instruction("Judge.")}));
    ASSERT_THAT(outcomes, SizeIs(3));
    EXPECT_EQ(outcomes[0].values[0], 1.0F);
    EXPECT_EQ(outcomes[1].values[0], 0.0F);
    EXPECT_EQ(outcomes[2].values[0], 1.0F);
    // −log of 0.6/0.9, 0.2/0.5 and 0.3/0.5.
    EXPECT_NEAR(outcomes[0].values[1], 0.405465, 1e-6);
    EXPECT_NEAR(outcomes[1].values[1], 0.916291, 1e-6);
    EXPECT_NEAR(outcomes[2].values[1], 0.510826, 1e-6);
    EXPECT_EQ(outcomes[0].status, OutcomeStatus::ok);
    EXPECT_EQ(outcomes[0].generated_tokens, 0U);
}

TEST(Likelihood, asks_once_for_a_whole_unit_genome_by_genome) {
    const Task task = make_task(sentiment_options(), "a film\t1\na play\t1\n");
    ScriptedModel model{{.logprob = film_is_good}, words()};
    const auto outcomes =
        evaluate(task, model, everything(task, {instruction("Judge."), instruction("film")}));
    EXPECT_EQ(model.calls, 1U);
    EXPECT_THAT(model.scored, SizeIs(8));
    ASSERT_THAT(outcomes, SizeIs(4));
    EXPECT_EQ(outcomes[1].values[0], 0.0F);  // first genome, second example
    EXPECT_EQ(outcomes[3].values[0], 1.0F);  // "film" stands in the instruction now
}

TEST(Likelihood, gives_the_model_the_harness_ids) {
    const Task task = make_task(sentiment_options(), "film\t1\n");
    ScriptedModel model{{}, words()};
    const auto outcomes = evaluate(task, model, everything(task, {instruction("Judge.")}));
    const auto& tokenizer = model.tokenizer();
    ASSERT_THAT(model.scored, SizeIs(2));
    // <bos> Judge. \n Text: | " film" \n Label: | " bad"
    EXPECT_EQ(tokenizer.decode(model.scored[0].tokens, false),
              "<bos>Judge.\nText: film\nLabel: bad");
    EXPECT_EQ(model.scored[0].tokens.size(), 8U);
    EXPECT_EQ(model.scored[0].context_length, 7U);
    EXPECT_EQ(model.scored[0].prefix_length, 4U);
    EXPECT_EQ(model.scored[1].context_length, 7U);
    // 7 ids of context, and one for each of two labels.
    EXPECT_EQ(outcomes[0].prompt_tokens, 9U);
}

TEST(Likelihood, adds_up_labels_of_several_tokens) {
    TaskOptions options = sentiment_options();
    options.labels = {"good", "good-ish"};
    const Task task = make_task(options, "film\t1\n");
    const auto logprob = [](std::string_view, std::string_view token) {
        return token == "-ish" ? std::log(0.25) : std::log(0.5);
    };
    ScriptedModel model{{.logprob = logprob}, words()};
    const auto outcomes = evaluate(task, model, everything(task, {instruction("Judge.")}));
    // p(good) = 0.5, p(good-ish) = 0.5 · 0.25: the prefix wins, the loss is −log(0.125/0.625).
    EXPECT_EQ(outcomes[0].values[0], 0.0F);
    EXPECT_NEAR(outcomes[0].values[1], 1.609438, 1e-6);
    EXPECT_EQ(outcomes[0].prompt_tokens, 7U + 1U + 2U);
}

TEST(Likelihood, the_first_label_wins_ties) {
    const Task task = make_task(sentiment_options(), "a\t0\nb\t1\n");
    ScriptedModel model{{}, words()};
    const auto outcomes = evaluate(task, model, everything(task, {instruction("Judge.")}));
    EXPECT_EQ(outcomes[0].values[0], 1.0F);
    EXPECT_EQ(outcomes[1].values[0], 0.0F);
    EXPECT_NEAR(outcomes[0].values[1], 0.693147, 1e-6);
}

TEST(Likelihood, an_impossible_right_label_has_infinite_loss) {
    const Task task = make_task(sentiment_options(), "a\t1\n");
    const auto logprob = [](std::string_view, std::string_view token) {
        return token == " good" ? -std::numeric_limits<double>::infinity() : -1.0;
    };
    ScriptedModel model{{.logprob = logprob}, words()};
    const auto outcomes = evaluate(task, model, everything(task, {instruction("Judge.")}));
    EXPECT_EQ(outcomes[0].values[0], 0.0F);
    EXPECT_TRUE(std::isinf(outcomes[0].values[1]));
}

TEST(Likelihood, a_prompt_beyond_the_context_overflows) {
    const Task task = make_task(sentiment_options(), "film\t1\nfilm film film film\t1\n");
    ScriptedModel model{{.context_length = 10}, words()};
    const auto outcomes = evaluate(task, model, everything(task, {instruction("Judge.")}));
    EXPECT_EQ(outcomes[0].status, OutcomeStatus::ok);
    EXPECT_EQ(outcomes[1].status, OutcomeStatus::overflow);
    ASSERT_THAT(outcomes[1].values, SizeIs(2));
    EXPECT_TRUE(std::isnan(outcomes[1].values[0]));
    EXPECT_TRUE(std::isnan(outcomes[1].values[1]));
    EXPECT_EQ(outcomes[1].prompt_tokens, 12U);
}

TEST(Likelihood, refuses_a_model_that_answers_nan) {
    const Task task = make_task(sentiment_options(), "film\t1\n");
    const auto nan = [](auto, auto) { return std::nan(""); };
    ScriptedModel model{{.logprob = nan}, words()};
    EXPECT_THROW(static_cast<void>(evaluate(task, model, everything(task, {instruction("J")}))),
                 EnvironmentError);
}

TEST(Likelihood, does_not_depend_on_the_rest_of_the_unit) {
    const Task task =
        make_task(sentiment_options(), "a film\t1\na play\t1\nsome\t0\n", "demo\t1\n");
    population::Genome shown = instruction("Judge.");
    shown.demonstrations = task.demonstrations().empty()
                               ? std::vector<ExampleId>{}
                               : std::vector<ExampleId>{task.demonstrations()[0]};
    ScriptedModel model{{.logprob = film_is_good}, words()};
    const auto together = evaluate(task, model, everything(task, {instruction("film"), shown}));
    for (std::size_t g = 0; g < 2; ++g) {
        for (std::size_t e = 0; e < 3; ++e) {
            const auto alone = evaluate(
                task, model, {{g == 0 ? instruction("film") : shown}, {task.dev()[2 - e]}});
            EXPECT_TRUE(alone[0].same_result(together[g * 3 + 2 - e]));
        }
    }
}

TEST(Likelihood, wraps_chats_and_leaves_out_the_delimiter) {
    TaskOptions options = sentiment_options();
    options.chat = true;
    const Task task = make_task(options, "film\t1\n");
    ScriptedModel model{{}, words()};
    Evaluator evaluator{task, model, model,
                        text::ChatTemplate{"<u>{{ messages[0].content }}</u><a>"}, std::nullopt};
    static_cast<void>(evaluator.run(everything(task, {instruction("Judge.")})));
    EXPECT_EQ(model.tokenizer().decode(model.scored[0].tokens, false),
              "<u>Judge.\nText: film\nLabel:</u><a>bad");
    EXPECT_THROW((Evaluator{task, model, model, std::nullopt, std::nullopt}), InputError);
}

}  // namespace
}  // namespace evoke::evaluation
