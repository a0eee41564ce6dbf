#include "evaluation/token_requests.hpp"

#include <gmock/gmock.h>

#include "evoke/core/error.hpp"
#include "support/scripted_model.hpp"

namespace evoke::evaluation {
namespace {

using test::WordTokenizer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr TokenId bos = WordTokenizer::bos_id;
constexpr TokenId word(int n) {
    return WordTokenizer::first_word + n;
}
constexpr TokenId byte(char c) {
    return WordTokenizer::first_byte + c;
}

/// 0 "Judge:", 1 " ", 2 " film", 3 "good", 4 " good", 5 "ab", 6 "bc", 7 "\n good"
WordTokenizer words(bool add_bos = true) {
    return WordTokenizer{{.words = {"Judge:", " ", " film", "good", " good", "ab", "bc", "\n good"},
                          .add_bos = add_bos}};
}

lm::ScoreRequest score_one(const WordTokenizer& tokenizer, const RenderedPrompt& prompt,
                           const std::string& continuation) {
    const std::array continuations{continuation};
    return PromptEncoder{tokenizer}.score(prompt, continuations).at(0);
}

TEST(PromptEncoder, splits_context_and_continuation) {
    const auto tokenizer = words();
    const auto request = score_one(tokenizer, {"Judge:", " film"}, " good");
    EXPECT_THAT(request.tokens, ElementsAre(bos, word(0), word(2), word(4)));
    EXPECT_EQ(request.context_length, 3U);
    EXPECT_EQ(request.prefix_length, 2U);
}

TEST(PromptEncoder, shared_ids_end_before_a_token_that_runs_on_into_the_example) {
    const auto tokenizer = words();
    // The shared text ends in " ", which alone is token 1 but here begins " film".
    const auto request = score_one(tokenizer, {"Judge: ", "film"}, " good");
    EXPECT_THAT(request.tokens, ElementsAre(bos, word(0), word(2), word(4)));
    EXPECT_EQ(request.prefix_length, 2U);
}

TEST(PromptEncoder, white_space_at_the_end_of_the_context_moves_to_the_continuation) {
    const auto tokenizer = words();
    const auto request = score_one(tokenizer, {"Judge:", " film\n"}, " good");
    EXPECT_THAT(request.tokens, ElementsAre(bos, word(0), word(2), word(7)));
    EXPECT_EQ(request.context_length, 3U);
}

TEST(PromptEncoder, a_merge_across_the_boundary_goes_to_the_continuation_as_the_harness_does) {
    const auto tokenizer = words(false);
    // whole = ["ab", "c"], context = ["a"]: the continuation is what follows one id of the whole.
    const auto request = score_one(tokenizer, {"", "a"}, "bc");
    EXPECT_THAT(request.tokens, ElementsAre(byte('a'), byte('c')));
    EXPECT_EQ(request.context_length, 1U);
    // Nothing follows: the continuation is encoded alone.
    EXPECT_THAT(score_one(tokenizer, {"", "a"}, "b").tokens, ElementsAre(byte('a'), byte('b')));
}

TEST(PromptEncoder, an_empty_context_becomes_bos) {
    for (const bool add_bos : {true, false}) {
        const auto tokenizer = words(add_bos);
        const auto request = score_one(tokenizer, {"", ""}, "good");
        EXPECT_THAT(request.tokens, ElementsAre(bos, word(3)));
        EXPECT_EQ(request.context_length, 1U);
        EXPECT_EQ(request.prefix_length, 0U);
        EXPECT_THAT(score_one(tokenizer, {" ", ""}, "good").tokens, ElementsAre(bos, word(4)));
        EXPECT_THAT(score_one(tokenizer, {"", ""}, "<bos>good").tokens, ElementsAre(bos, word(3)));
    }
}

TEST(PromptEncoder, a_text_that_spells_out_bos_gets_no_second_one) {
    const auto tokenizer = words();
    EXPECT_THAT(score_one(tokenizer, {"<bos>Judge:", " film"}, " good").tokens,
                ElementsAre(bos, word(0), word(2), word(4)));
    EXPECT_THAT(score_one(tokenizer, {"Judge:", " film", false}, " good").tokens,
                ElementsAre(word(0), word(2), word(4)));
}

TEST(PromptEncoder, gives_one_request_per_continuation_in_order) {
    const auto tokenizer = words();
    const std::array<std::string, 2> labels{" good", " good film"};
    const auto requests = PromptEncoder{tokenizer}.score({"Judge:", ""}, labels);
    ASSERT_THAT(requests, SizeIs(2));
    EXPECT_THAT(requests[0].tokens, ElementsAre(bos, word(0), word(4)));
    EXPECT_THAT(requests[1].tokens, ElementsAre(bos, word(0), word(4), word(2)));
    EXPECT_EQ(requests[0].prefix_length, 2U);
    EXPECT_EQ(requests[0].context_length, 2U);
}

TEST(PromptEncoder, remembers_no_shared_text_too_long) {
    const auto tokenizer = words();
    PromptEncoder encoder{tokenizer};
    const std::array<std::string, 1> labels{" good"};
    EXPECT_EQ(encoder.score({"Judge:", " film"}, labels)[0].prefix_length, 2U);
    EXPECT_EQ(encoder.score({"Judge: film", ""}, labels)[0].prefix_length, 3U);
    EXPECT_EQ(encoder.score({"Judge:", " film", false}, labels)[0].prefix_length, 1U);
    EXPECT_EQ(encoder.score({"", "Judge: film"}, labels)[0].prefix_length, 0U);
}

TEST(PromptEncoder, a_prompt_to_continue_keeps_its_white_space_and_one_id_of_its_own) {
    const auto tokenizer = words();
    PromptEncoder encoder{tokenizer};
    const PromptTokens open = encoder.prompt({"Judge:", " film "});
    EXPECT_THAT(open.ids, ElementsAre(bos, word(0), word(2), word(1)));
    EXPECT_EQ(open.shared, 2U);
    EXPECT_EQ(encoder.prompt({"Judge:", ""}).shared, 1U);
    EXPECT_THAT(encoder.prompt({"", "", false}).ids, ElementsAre(bos));
}

TEST(TargetRequest, scores_prompt_and_target_behind_bos) {
    const auto tokenizer = words();
    const auto asked = target_request(tokenizer, {.tokens = {word(0), word(2)}}, " good");
    EXPECT_THAT(asked.request.tokens, ElementsAre(bos, word(0), word(2), word(4)));
    EXPECT_EQ(asked.request.context_length, 1U);
    EXPECT_EQ(asked.request.prefix_length, 0U);
    EXPECT_EQ(asked.prompt_scored, 2U);
    EXPECT_EQ(asked.target_length, 1U);
}

TEST(TargetRequest, without_bos_the_first_id_is_not_scored) {
    const auto tokenizer = words(false);
    const auto asked = target_request(tokenizer, {.tokens = {word(0), word(2)}}, " good");
    EXPECT_THAT(asked.request.tokens, ElementsAre(word(0), word(2), word(4)));
    EXPECT_EQ(asked.prompt_scored, 1U);
    EXPECT_THAT(target_request(tokenizer, {}, " good").request.tokens, ElementsAre(bos, word(4)));
}

TEST(TargetRequest, takes_the_instruction_when_there_are_no_tokens) {
    const auto tokenizer = words();
    EXPECT_THAT(target_request(tokenizer, {.instruction = "Judge: film"}, " good").request.tokens,
                ElementsAre(bos, word(0), word(2), word(4)));
}

TEST(TargetRequest, keeps_the_prompts_ids_even_where_its_text_has_others) {
    const auto tokenizer = words();
    // "a", "b" re-encodes as "ab"; the target's ids follow that text's all the same.
    const auto asked = target_request(tokenizer, {.tokens = {byte('a'), byte('b')}}, " good");
    EXPECT_THAT(asked.request.tokens, ElementsAre(bos, byte('a'), byte('b'), word(4)));
}

TEST(TargetRequest, a_prompt_cannot_swallow_the_beginning_of_its_target) {
    const auto tokenizer = words();
    // "b" + "c good" would merge into "bc": the target is encoded behind neutral text instead.
    const auto asked = target_request(tokenizer, {.tokens = {byte('b')}}, "c good");
    EXPECT_THAT(asked.request.tokens, ElementsAre(bos, byte('b'), byte('c'), word(4)));
    // "b" merges with the neutral "a" too: the target is encoded alone.
    const auto alone = target_request(tokenizer, {.tokens = {byte('a')}}, "b good");
    EXPECT_THAT(alone.request.tokens, ElementsAre(bos, byte('a'), byte('b'), word(4)));
}

TEST(LeadingTokens, are_bos_where_the_tokenizer_adds_it) {
    EXPECT_THAT(leading_tokens(words()), ElementsAre(bos));
    EXPECT_THAT(leading_tokens(words(false)), IsEmpty());
}

}  // namespace
}  // namespace evoke::evaluation
