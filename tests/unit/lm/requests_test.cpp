#include "evoke/lm/requests.hpp"

#include <gmock/gmock.h>

#include <map>

#include "evoke/core/error.hpp"

namespace evoke::lm {
namespace {

using testing::ElementsAre;

/// Letters and pairs of letters, as a byte-pair tokenizer merges them: greedy from the left. "<" is
/// the beginning of text, put first when special tokens are asked for.
class PairTokenizer final : public text::Tokenizer {
public:
    explicit PairTokenizer(bool with_bos = true) : with_bos_{with_bos} {}

    std::vector<TokenId> encode(std::string_view text, bool add_special_tokens) const override {
        std::vector<TokenId> ids;
        if (add_special_tokens && with_bos_) ids.push_back('<');
        while (!text.empty()) {
            const auto found = pairs.find(text.substr(0, 2));
            const bool pair = text.size() > 1 && found != pairs.end();
            ids.push_back(pair ? found->second : text.front());
            text.remove_prefix(pair ? 2 : 1);
        }
        return ids;
    }
    std::string decode(std::span<const TokenId>, bool) const override { return {}; }
    std::size_t vocabulary_size() const override { return 300; }
    std::string token(TokenId id) const override { return std::string(1, static_cast<char>(id)); }
    bool is_special(TokenId id) const override { return id == '<'; }
    std::optional<TokenId> bos() const override {
        return with_bos_ ? std::optional<TokenId>{'<'} : std::nullopt;
    }
    std::optional<TokenId> eos() const override { return std::nullopt; }
    Sha256 identity() const override { return {}; }

private:
    bool with_bos_;
    std::map<std::string_view, TokenId> pairs{{"ab", 200}, {" y", 201}, {"xy", 202}};
};

const PairTokenizer tokenizer;

TEST(ScoreRequestOf, scores_what_follows_the_context) {
    const ScoreRequest request =
        score_request(tokenizer, {.prefix = "", .context = "cd", .continuation = " y"});
    EXPECT_THAT(request.tokens, ElementsAre('<', 'c', 'd', 201));
    EXPECT_EQ(request.context_length, 3);
    EXPECT_EQ(request.prefix_length, 0);
}

TEST(ScoreRequestOf, spaces_at_the_end_of_the_context_move_to_the_continuation) {
    const ScoreRequest request =
        score_request(tokenizer, {.prefix = "", .context = "cd ", .continuation = "y"});
    EXPECT_THAT(request.tokens, ElementsAre('<', 'c', 'd', 201));
    EXPECT_EQ(request.context_length, 3);
}

TEST(ScoreRequestOf, the_prefix_ends_before_a_token_that_reaches_beyond_it) {
    // "ca" + "bd": the pair "ab" lies across the boundary.
    const ScoreRequest request =
        score_request(tokenizer, {.prefix = "ca", .context = "bd", .continuation = "z"});
    EXPECT_THAT(request.tokens, ElementsAre('<', 'c', 200, 'd', 'z'));
    EXPECT_EQ(request.prefix_length, 2);
    EXPECT_EQ(request.context_length, 4);
}

TEST(ScoreRequestOf, a_prefix_without_context_is_the_context) {
    const ScoreRequest request =
        score_request(tokenizer, {.prefix = "cd", .context = "", .continuation = "z"});
    EXPECT_THAT(request.tokens, ElementsAre('<', 'c', 'd', 'z'));
    EXPECT_EQ(request.prefix_length, 3);
    EXPECT_EQ(request.context_length, 3);
}

TEST(ScoreRequestOf, an_empty_context_becomes_the_beginning_of_text) {
    const ScoreRequest request =
        score_request(tokenizer, {.prefix = "", .context = "", .continuation = "cz"});
    EXPECT_THAT(request.tokens, ElementsAre('<', 'c', 'z'));
    EXPECT_EQ(request.context_length, 1);
    EXPECT_THROW((void)score_request(PairTokenizer{false},
                                     {.prefix = "", .context = "", .continuation = "c"}),
                 InputError);
}

TEST(ScoreRequestOf, a_beginning_of_text_that_is_spelled_out_is_not_added_again) {
    const ScoreRequest request =
        score_request(tokenizer, {.prefix = "", .context = "<c", .continuation = "z"});
    EXPECT_THAT(request.tokens, ElementsAre('<', 'c', 'z'));
}

TEST(PromptIdsOf, knows_what_lies_inside_the_prefix) {
    const PromptIds prompt = prompt_ids(tokenizer, "ca", "bd", true);
    EXPECT_THAT(prompt.ids, ElementsAre('<', 'c', 200, 'd'));
    EXPECT_EQ(prompt.prefix_length, 2);
}

TEST(PromptIdsOf, leaves_one_id_behind_the_prefix) {
    const PromptIds prompt = prompt_ids(tokenizer, "cd", "", false);
    EXPECT_THAT(prompt.ids, ElementsAre('c', 'd'));
    EXPECT_EQ(prompt.prefix_length, 1);
}

TEST(PromptIdsOf, an_empty_prompt_becomes_the_beginning_of_text) {
    EXPECT_THAT(prompt_ids(tokenizer, "", "", false).ids, ElementsAre('<'));
}

}  // namespace
}  // namespace evoke::lm
