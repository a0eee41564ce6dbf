#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "evaluation/token_requests.hpp"
#include "evoke/core/random.hpp"
#include "evoke/lm/requests.hpp"
#include "support/scripted_model.hpp"
#include "support/skip.hpp"

// A search and the verbs `score` and `generate` must ask the same of a model. They build their
// requests apart (a search encodes a context once for all labels), so each is held to the other.
namespace evoke::evaluation {
namespace {

std::string random_text(const RandomKey& key, std::uint32_t first_draw) {
    constexpr std::array<std::string_view, 16> pieces{"the ", "film", " ",  "\n",  "Good", " good",
                                                      "good", "ab",   "b",  "c",   ".",    "\t",
                                                      "né",   "  ",   "42", "-ish"};
    std::string text;
    const auto count = random_below(key, first_draw, 7);
    for (std::uint32_t i = 0; i < count; ++i) {
        text += pieces[random_below(key, first_draw + 1 + i, pieces.size())];
    }
    return text;
}

void expect_equal_requests(const text::Tokenizer& tokenizer, std::uint64_t seed, int rounds) {
    PromptEncoder encoder{tokenizer};
    for (int round = 0; round < rounds; ++round) {
        const RandomKey key{
            .seed = seed, .purpose = Purpose::variation, .slot = static_cast<std::uint32_t>(round)};
        // Some word comes first: a context of white space alone is another matter.
        const std::string shared = "Judge" + random_text(key, 0);
        const std::string rest = random_text(key, 100);
        const std::array continuations{" " + random_text(key, 200) + "x"};
        const auto mine = encoder.score({shared, rest}, continuations).at(0);
        const auto theirs = lm::score_request(tokenizer, {shared, rest, continuations[0]});
        const std::string where = "\"" + shared + "|" + rest + "|" + continuations[0] + "\"";
        ASSERT_EQ(mine.tokens, theirs.tokens) << where;
        ASSERT_EQ(mine.context_length, theirs.context_length) << where;
        ASSERT_EQ(mine.prefix_length, theirs.prefix_length) << where;

        const auto prompt = encoder.prompt({shared, rest});
        const auto ids = lm::prompt_ids(tokenizer, shared, rest, true);
        ASSERT_EQ(prompt.ids, ids.ids) << where;
        ASSERT_EQ(prompt.shared, ids.prefix_length) << where;
    }
}

TEST(RequestsOfSearchAndVerbs, agree_on_a_tokenizer_that_merges_everywhere) {
    for (const bool add_bos : {true, false}) {
        expect_equal_requests(
            test::WordTokenizer{{.words = {"ab", "bc", " good", "good-", "\n ", " \n", "film "},
                                 .add_bos = add_bos}},
            1, 2000);
    }
}

TEST(RequestsOfSearchAndVerbs, agree_on_real_tokenizers) {
    const char* data = std::getenv("EVOKE_DATA");
    if (data == nullptr) {
        EVOKE_SKIP("EVOKE_DATA is not set");
    }
    for (const char* folder : {"models/TinyStories-656K", "tokenizers/phi-3-mini"}) {
        SCOPED_TRACE(folder);
        const auto tokenizer = text::load_tokenizer(std::filesystem::path{data} / folder);
        expect_equal_requests(*tokenizer, 2, 1000);
    }
}

}  // namespace
}  // namespace evoke::evaluation
