#include "evoke/evaluation/evaluator.hpp"

#include <gmock/gmock.h>

#include "evoke/core/error.hpp"
#include "fixture.hpp"
#include "support/scripted_model.hpp"

namespace evoke::evaluation {
namespace {

using population::AskUnit;
using population::ContinueUnit;
using population::Reply;
using test::ScriptedModel;
using test::WordTokenizer;
using testing::ElementsAre;
using testing::SizeIs;

Reply run(ScriptedModel& model, const population::Unit& unit,
          std::optional<text::ChatTemplate> proposer_chat = std::nullopt) {
    const Task task = make_task(sentiment_options(), "film\t1\n");
    ScriptedModel other;
    const bool asks = std::holds_alternative<AskUnit>(unit);
    Evaluator evaluator{task, asks ? other : model, asks ? model : other, std::nullopt,
                        std::move(proposer_chat)};
    Reply reply = std::get<Reply>(evaluator.run(unit));
    EXPECT_EQ(other.calls, 0U);
    return reply;
}

test::Script says(std::string text) {
    return {.reply = [text = std::move(text)](auto, const auto&) { return text; }};
}

AskUnit question() {
    return {.prompt = "Improve: Judge.",
            .stop = {"</prompt>"},
            .max_tokens = 50,
            .temperature = 0.5,
            .top_p = 0.9,
            .key = {.seed = 7, .purpose = Purpose::proposal, .generation = 2, .slot = 3}};
}

TEST(Evaluator, asks_the_proposer_as_the_unit_says) {
    ScriptedModel model{says("<prompt>Judge well.</prompt> and more")};
    const Reply reply = run(model, question());
    EXPECT_EQ(reply.text, "<prompt>Judge well.");
    EXPECT_FALSE(reply.truncated);
    EXPECT_EQ(reply.prompt_tokens, 16U);  // <bos> and 15 bytes
    EXPECT_EQ(reply.generated_tokens, 19U);
    EXPECT_THAT(reply.tokens, SizeIs(19));
    const lm::GenerateRequest& request = model.generated.at(0);
    EXPECT_EQ(model.tokenizer().decode(request.prompt, false), "<bos>Improve: Judge.");
    EXPECT_EQ(request.max_tokens, 50U);
    EXPECT_EQ(request.sampling.temperature, 0.5);
    EXPECT_EQ(request.sampling.top_p, 0.9);
    EXPECT_EQ(request.key, question().key);
    EXPECT_EQ(request.prefix_length, 0U);
}

TEST(Evaluator, flags_replies_that_were_cut_off) {
    AskUnit unit = question();
    unit.max_tokens = 4;
    ScriptedModel model{says("Judge well.")};
    const Reply reply = run(model, unit);
    EXPECT_TRUE(reply.truncated);
    EXPECT_EQ(reply.text, "Judg");
}

TEST(Evaluator, a_meta_prompt_that_does_not_fit_is_a_truncated_reply) {
    test::Script script = says("never said");
    script.context_length = 10;
    ScriptedModel model{script};
    const Reply reply = run(model, question());
    EXPECT_TRUE(reply.truncated);
    EXPECT_EQ(reply.text, "");
    EXPECT_EQ(reply.prompt_tokens, 16U);
    EXPECT_EQ(reply.generated_tokens, 0U);
}

TEST(Evaluator, wraps_meta_prompts_in_the_proposers_template) {
    AskUnit unit = question();
    unit.chat = true;
    ScriptedModel model{says("ok")};
    static_cast<void>(run(model, unit, text::ChatTemplate{"<bos>[{{ messages[0].content }}]"}));
    EXPECT_EQ(model.tokenizer().decode(model.generated.at(0).prompt, false),
              "<bos>[Improve: Judge.]");
    EXPECT_THROW(static_cast<void>(run(model, unit)), InputError);
}

TEST(Evaluator, continues_tokens_greedily_behind_bos) {
    ScriptedModel model{says(" learn")};
    const Reply reply =
        run(model, ContinueUnit{.tokens = {WordTokenizer::first_byte + 'T'}, .max_tokens = 3});
    const lm::GenerateRequest& request = model.generated.at(0);
    EXPECT_THAT(request.prompt,
                ElementsAre(WordTokenizer::bos_id, WordTokenizer::first_byte + 'T'));
    EXPECT_EQ(request.sampling.temperature, 0.0);
    EXPECT_EQ(request.max_tokens, 3U);
    EXPECT_EQ(reply.text, " le");
    EXPECT_TRUE(reply.truncated);
    EXPECT_THAT(reply.tokens, SizeIs(3));
}

TEST(Evaluator, continues_nothing_from_bos) {
    ScriptedModel model{says("x"), {.add_bos = false}};
    static_cast<void>(run(model, ContinueUnit{.tokens = {}, .max_tokens = 3}));
    EXPECT_THAT(model.generated.at(0).prompt, ElementsAre(WordTokenizer::bos_id));
}

/// A clock that moves on by 3 s whenever it is read.
class SteppingClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override { return now_ += std::chrono::seconds{3}; }

private:
    mutable TimePoint now_{};
};

TEST(Evaluator, divides_a_units_time_among_its_outcomes) {
    const Task task = make_task(sentiment_options(), "film\t1\nplay\t0\n");
    ScriptedModel model;
    const SteppingClock clock;
    Evaluator evaluator{task, model, model, std::nullopt, std::nullopt, &clock};
    const auto result = std::get<population::EvaluateResult>(
        evaluator.run(population::EvaluateUnit{{instruction("J")}, {ExampleId{0}, ExampleId{1}}}));
    EXPECT_EQ(result.outcomes.at(0).seconds, 1.5F);
    EXPECT_EQ(result.outcomes.at(1).seconds, 1.5F);
}

TEST(Evaluator, an_empty_unit_has_no_outcomes) {
    const Task task = make_task(sentiment_options(), "film\t1\n");
    ScriptedModel model;
    Evaluator evaluator{task, model, model, std::nullopt, std::nullopt};
    const auto result =
        std::get<population::EvaluateResult>(evaluator.run(population::EvaluateUnit{}));
    EXPECT_THAT(result.outcomes, testing::IsEmpty());
}

}  // namespace
}  // namespace evoke::evaluation
