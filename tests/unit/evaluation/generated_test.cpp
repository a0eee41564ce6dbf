#include <gmock/gmock.h>

#include <cmath>
#include <set>

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

TaskOptions generated_options() {
    TaskOptions options = sentiment_options();
    options.answer = "generated";
    options.max_tokens = 12;
    options.stop = {"\n"};
    return options;
}

std::vector<Outcome> evaluate(const Task& task, ScriptedModel& model,
                              std::vector<population::Genome> genomes) {
    Evaluator evaluator{task, model, model, std::nullopt, std::nullopt};
    const EvaluateUnit unit{std::move(genomes), {task.dev().begin(), task.dev().end()}};
    return std::get<population::EvaluateResult>(evaluator.run(unit)).outcomes;
}

test::Script judge() {
    const auto reply = [](std::string_view prompt, const lm::GenerateRequest&) -> std::string {
        if (prompt.find("film") != prompt.npos) return " Good!\nText: another";
        if (prompt.find("play") != prompt.npos) return " bad";
        return " who knows";
    };
    return {.reply = reply};
}

TEST(Generated, reads_answers_and_flags_what_cannot_be_read) {
    const Task task = make_task(generated_options(), "film\t1\nplay\t1\nsong\t0\n");
    ScriptedModel model{judge()};
    const auto outcomes = evaluate(task, model, {instruction("J")});
    ASSERT_THAT(outcomes, SizeIs(3));
    EXPECT_THAT(outcomes[0].values, ElementsAre(1.0F));
    EXPECT_EQ(outcomes[0].status, OutcomeStatus::ok);
    EXPECT_THAT(outcomes[1].values, ElementsAre(0.0F));
    EXPECT_EQ(outcomes[1].status, OutcomeStatus::ok);
    EXPECT_THAT(outcomes[2].values, ElementsAre(0.0F));
    EXPECT_EQ(outcomes[2].status, OutcomeStatus::unparsed);
}

TEST(Generated, counts_the_ids_given_and_written) {
    const Task task = make_task(generated_options(), "film\t1\n");
    ScriptedModel model{judge()};
    const auto outcomes = evaluate(task, model, {instruction("J")});
    // <bos>, then a byte each of "J\nText: film\nLabel:".
    EXPECT_EQ(outcomes[0].prompt_tokens, 1U + 19U);
    EXPECT_EQ(outcomes[0].generated_tokens, 6U);  // " Good!"
}

TEST(Generated, passes_on_how_to_generate) {
    TaskOptions options = generated_options();
    options.temperature = 0.75;
    const Task task = make_task(options, "film\t1\n");
    ScriptedModel model{judge()};
    static_cast<void>(evaluate(task, model, {instruction("J")}));
    ASSERT_THAT(model.generated, SizeIs(1));
    const lm::GenerateRequest& request = model.generated[0];
    EXPECT_EQ(request.max_tokens, 12U);
    EXPECT_THAT(request.stop, ElementsAre("\n"));
    EXPECT_EQ(request.sampling.temperature, 0.75);
    EXPECT_EQ(request.sampling.top_p, 1.0);
    EXPECT_EQ(request.prefix_length, 1U + 8U);  // <bos>J\nText:␠
}

TEST(Generated, sampling_is_keyed_by_content_alone) {
    TaskOptions options = generated_options();
    options.temperature = 1;
    const Task task = make_task(options, "film\t1\nplay\t1\n");
    const Task reordered = make_task(options, "play\t1\nfilm\t1\n");
    ScriptedModel model{judge()};
    static_cast<void>(evaluate(task, model, {instruction("J"), instruction("K")}));
    static_cast<void>(evaluate(reordered, model, {instruction("J")}));
    const auto key = [&](std::size_t i) { return model.generated[i].key; };
    EXPECT_EQ(key(0).seed, 0U);
    EXPECT_EQ(key(0).purpose, Purpose::evaluation);
    EXPECT_EQ(key(4), key(1));  // the same example under another id
    EXPECT_EQ(key(5), key(0));
    EXPECT_NE(key(0), key(1));
    EXPECT_NE(key(0), key(2));
}

TEST(Generated, an_overflow_has_no_value) {
    const Task task = make_task(generated_options(), "film\t1\n");
    test::Script script = judge();
    script.context_length = 20;
    ScriptedModel model{script};
    const auto outcomes = evaluate(task, model, {instruction("J")});
    EXPECT_EQ(outcomes[0].status, OutcomeStatus::overflow);
    ASSERT_THAT(outcomes[0].values, SizeIs(1));
    EXPECT_TRUE(std::isnan(outcomes[0].values[0]));
    EXPECT_EQ(outcomes[0].generated_tokens, 0U);
}

TEST(Generated, an_answer_cut_off_before_its_label_is_unparsed) {
    TaskOptions options = generated_options();
    options.max_tokens = 3;
    const Task task = make_task(options, "film\t1\n");
    ScriptedModel model{judge()};
    const auto outcomes = evaluate(task, model, {instruction("J")});
    EXPECT_EQ(outcomes[0].status, OutcomeStatus::unparsed);  // " Go"
    EXPECT_EQ(outcomes[0].generated_tokens, 3U);
}

TEST(Generated, marks_free_text_with_an_expression) {
    TaskOptions options;
    options.answer = "generated";
    options.show = "{instruction} {input}";
    options.extract = "(-?[$0-9.,]*[0-9])";
    options.max_tokens = 100;
    const Task task = make_task(options, "2 * 900\tIt is 2 * 900 = 1800 #### 1800\n");
    const auto reply = [](auto, const auto&) { return std::string{"2 * 900 makes $1,800.00."}; };
    ScriptedModel model{{.reply = reply}};
    EXPECT_THAT(evaluate(task, model, {instruction("J")})[0].values, ElementsAre(1.0F));
}

}  // namespace
}  // namespace evoke::evaluation
