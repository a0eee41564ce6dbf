#include "lm/replica.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <set>

#include "evoke/core/error.hpp"
#include "unit/lm/replica_cases.hpp"

namespace evoke::lm {
namespace {

using namespace replica_cases;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ReplicaBits : public testing::TestWithParam<const char*> {
protected:
    [[nodiscard]] std::unique_ptr<LanguageModel> load(ModelOptions options = {}) const {
        options.dtype = GetParam();
        return folder.load(options);
    }
    Folder folder;
    std::vector<ScoreRequest> requests = workload();
    std::vector<ScoreResult> expected = load()->score(requests);
};

TEST_P(ReplicaBits, do_not_depend_on_order_or_grouping) {
    const auto model = load();
    for (const std::size_t group : {1U, 4U, 11U, 45U})
        expect_equal_bits(regrouped(*model, requests, group, static_cast<std::uint32_t>(group)),
                          expected);
}

TEST_P(ReplicaBits, do_not_depend_on_chunk_size_or_the_number_of_threads) {
    for (const int threads : {1, 2, 3})
        for (const int chunk : {64, 65, 100, 257, 4096})
            expect_equal_bits(load({.threads = threads, .chunk_tokens = chunk})->score(requests),
                              expected);
}

TEST_P(ReplicaBits, do_not_depend_on_the_prefix_cache) {
    const auto without = load({.prefix_cache_mib = 0});
    expect_equal_bits(regrouped(*without, requests, 1, 5), expected);
    const auto model = load();
    expect_equal_bits(model->score(requests), expected);
    expect_equal_bits(model->score(requests), expected);
}

TEST_P(ReplicaBits, do_not_depend_on_where_a_request_is_split) {
    for (ScoreRequest& request : requests) request.prefix_length /= 2;
    expect_equal_bits(load()->score(requests), expected);
}

TEST_P(ReplicaBits, of_scores_agree_with_generation) {
    const auto model = load();
    const auto prompt = random_ids(50, 77);
    const auto generated = model->generate(std::vector<GenerateRequest>{
        {.prompt = prompt, .prefix_length = 20, .max_tokens = 40, .stop = {}, .key = {}}});
    ASSERT_THAT(generated[0].tokens, testing::Not(IsEmpty()));
    const auto score = model->score(std::vector<ScoreRequest>{
        {.tokens = joined(prompt, generated[0].tokens), .context_length = 50}});
    EXPECT_TRUE(score[0].greedy);
}

TEST_P(ReplicaBits, of_generated_texts_do_not_depend_on_company) {
    const std::vector<GenerateRequest> asked = prompts();
    const auto together = load()->generate(asked);
    const auto model = load({.threads = 2, .chunk_tokens = 64});
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto alone = model->generate(std::span{asked}.subspan(i, 1));
        EXPECT_EQ(alone[0].tokens, together[i].tokens) << i;
        EXPECT_LE(together[i].tokens.size(), asked[i].max_tokens);
    }
}

INSTANTIATE_TEST_SUITE_P(Dtypes, ReplicaBits, testing::Values("float32", "bfloat16"));

TEST(Replica, agrees_with_the_reference_backend) {
    const Folder folder;
    const auto requests = workload();
    const auto own = folder.load()->score(requests);
    const auto reference = folder.load({}, BackendKind::reference)->score(requests);
    double largest = 0.0;
    for (std::size_t i = 0; i < own.size(); ++i) {
        for (std::size_t k = 0; k < own[i].token_logprobs.size(); ++k) {
            const float a = own[i].token_logprobs[k];
            EXPECT_NEAR(a, reference[i].token_logprobs[k], 1e-4);
            largest = std::max(largest, static_cast<double>(-a));
        }
    }
    EXPECT_GT(largest, 5.0) << "the weights are too small to prove anything";
}

TEST(Replica, a_request_that_does_not_fit_overflows_alone) {
    const Folder folder;
    const auto model = folder.load();
    const auto fits = random_ids(context, 1);
    const auto results = model->score(
        std::vector<ScoreRequest>{{.tokens = random_ids(context + 1, 1), .context_length = 5},
                                  {.tokens = fits, .context_length = context - 1}});
    EXPECT_EQ(results[0].status, RequestStatus::overflow);
    EXPECT_THAT(results[0].token_logprobs, IsEmpty());
    EXPECT_EQ(results[1].status, RequestStatus::ok);
    EXPECT_THAT(results[1].token_logprobs, SizeIs(1));
}

TEST(Replica, requests_that_break_their_requirements_are_refused) {
    const Folder folder;
    const auto model = folder.load();
    const auto refused = [&](ScoreRequest request) {
        EXPECT_THROW((void)model->score(std::vector{request}), InputError);
    };
    refused({.tokens = {}, .context_length = 0});
    refused({.tokens = {1, 2}, .context_length = 0});
    refused({.tokens = {1, 2}, .context_length = 2});
    refused({.tokens = {1, 2, 3}, .context_length = 1, .prefix_length = 2});
    refused({.tokens = {1, 97}, .context_length = 1});
    refused({.tokens = {-1, 2}, .context_length = 1});
    EXPECT_THROW((void)model->generate(std::vector<GenerateRequest>{
                     {.prompt = {1}, .prefix_length = 1, .stop = {}, .key = {}}}),
                 InputError);
}

TEST(Replica, generation_stops_at_the_end_of_the_context) {
    const Folder folder;
    const auto model = folder.load();
    const std::vector<GenerateRequest> asked{
        {.prompt = random_ids(context - 3, 4), .max_tokens = 50, .stop = {}, .key = {}},
        {.prompt = random_ids(context, 4), .max_tokens = 50, .stop = {}, .key = {}},
        {.prompt = random_ids(context + 1, 4), .max_tokens = 50, .stop = {}, .key = {}},
        {.prompt = {5}, .max_tokens = 0, .stop = {}, .key = {}}};
    const auto results = model->generate(asked);
    EXPECT_EQ(results[0].finish_reason, FinishReason::length);
    EXPECT_THAT(results[0].tokens, SizeIs(3));
    EXPECT_EQ(results[1].finish_reason, FinishReason::length);
    EXPECT_THAT(results[1].tokens, IsEmpty());
    EXPECT_EQ(results[2].finish_reason, FinishReason::error);
    EXPECT_EQ(results[2].status, RequestStatus::overflow);
    EXPECT_EQ(results[3].finish_reason, FinishReason::length);
}

TEST(Replica, generation_ends_before_the_first_stop_text) {
    const Folder folder;
    const auto model = folder.load();
    GenerateRequest request{.prompt = random_ids(9, 8), .max_tokens = 20, .stop = {}, .key = {}};
    const auto free = model->generate(std::vector{request})[0];
    ASSERT_THAT(free.tokens, SizeIs(20));
    // The text is the ids with a space after each; stop at the eleventh and, later, the third.
    const std::string third = std::to_string(free.tokens[2]) + " ";
    const std::string eleventh = std::to_string(free.tokens[10]) + " ";
    request.stop = {eleventh, third};
    const auto stopped = model->generate(std::vector{request})[0];
    EXPECT_EQ(stopped.finish_reason, FinishReason::stop);
    EXPECT_EQ(stopped.text, free.text.substr(0, free.text.find(third)));
    EXPECT_LE(stopped.tokens.size(), 3);
}

TEST(Replica, an_end_of_text_id_ends_generation_and_is_left_out) {
    test::TinyCheckpoint checkpoint = test::tiny_llama();
    const Folder plain{checkpoint};
    const GenerateRequest request{
        .prompt = random_ids(9, 8), .max_tokens = 20, .stop = {}, .key = {}};
    const auto free = plain.load()->generate(std::vector{request})[0];
    checkpoint.config["eos_token_id"] = {free.tokens[4], 96};
    const Folder folder{checkpoint};
    const auto ended = folder.load()->generate(std::vector{request})[0];
    EXPECT_EQ(ended.finish_reason, FinishReason::stop);
    const auto end = std::ranges::find(free.tokens, free.tokens[4]);
    EXPECT_EQ(ended.tokens, std::vector<TokenId>(free.tokens.begin(), end));
}

TEST(Replica, more_texts_than_rows_all_get_their_answer) {
    const Folder folder;
    const auto model = folder.load();
    std::vector<GenerateRequest> asked;
    for (std::uint32_t i = 0; i < 300; ++i)
        asked.push_back({.prompt = random_ids(3, i % 5),
                         .max_tokens = 1 + i % 4,
                         .stop = {},
                         .sampling = {.temperature = 1.0},
                         .key = {.seed = i}});
    const auto results = model->generate(asked);
    for (std::size_t i = 0; i < results.size(); ++i) {
        ASSERT_LE(results[i].tokens.size(), asked[i].max_tokens);
        if (results[i].finish_reason == FinishReason::length) {
            EXPECT_THAT(results[i].tokens, SizeIs(asked[i].max_tokens));
        }
    }
    EXPECT_EQ(model->generate(std::span{asked}.subspan(250, 1))[0].tokens, results[250].tokens);
}

TEST(Replica, a_prefix_seen_before_is_not_computed_again) {
    const Folder folder;
    const auto model = folder.load({.chunk_tokens = 64});
    int forwards = 0;
    model->on_progress([&] { ++forwards; });
    const auto prefix = random_ids(192, 1);
    const auto ask = [&](TokenId example) {
        forwards = 0;
        (void)model->score(std::vector<ScoreRequest>{
            {.tokens = joined(prefix, {example, 7}), .context_length = 193, .prefix_length = 192}});
        return forwards;
    };
    EXPECT_EQ(ask(1), 4);
    EXPECT_EQ(ask(2), 1);
}

TEST(Replica, samples_of_one_prompt_compute_it_once) {
    const Folder folder;
    const auto model = folder.load({.chunk_tokens = 64});
    int forwards = 0;
    model->on_progress([&] { ++forwards; });
    std::vector<GenerateRequest> samples;
    for (std::uint32_t i = 0; i < 50; ++i)
        samples.push_back({.prompt = random_ids(129, 1),
                           .prefix_length = 128,
                           .max_tokens = 1,
                           .stop = {},
                           .sampling = {.temperature = 5.0},
                           .key = {.seed = i}});
    std::set<std::vector<TokenId>> different;
    for (const GenerateResult& result : model->generate(samples)) different.insert(result.tokens);
    EXPECT_EQ(forwards, 3);
    EXPECT_THAT(different, SizeIs(testing::Gt(10U)));
}

TEST(Replica, token_swaps_compute_what_stands_before_them_once) {
    const Folder folder;
    const auto prompt = random_ids(130, 1);
    const auto forwards_with_stem = [&](std::size_t stem) {
        const auto model = folder.load({.chunk_tokens = 64});
        int forwards = 0;
        model->on_progress([&] { ++forwards; });
        std::vector<ScoreRequest> swaps;
        for (TokenId id = 0; id < 10; ++id) {
            auto tokens = joined(prompt, {5, 7});
            tokens[100] = id;
            swaps.push_back({.tokens = std::move(tokens),
                             .context_length = 131,
                             .prefix_length = 130,
                             .stem_length = stem});
        }
        (void)model->score(swaps);
        return forwards;
    };
    EXPECT_EQ(forwards_with_stem(0), (10 * 131 + 63) / 64);
    EXPECT_EQ(forwards_with_stem(100), (100 + 10 * 31 + 63) / 64);
}

TEST(Replica, logprobs_of_all_continuations_sum_to_one) {
    const Folder folder;
    const auto model = folder.load();
    std::vector<ScoreRequest> requests;
    for (TokenId id = 0; id < static_cast<TokenId>(vocabulary); ++id)
        requests.push_back({.tokens = {5, 6, id}, .context_length = 2, .prefix_length = 1});
    double sum = 0.0;
    int greedy = 0;
    for (const ScoreResult& result : model->score(requests)) {
        sum += std::exp(result.logprob());
        greedy += result.greedy ? 1 : 0;
    }
    EXPECT_NEAR(sum, 1.0, 1e-5);
    EXPECT_EQ(greedy, 1);
}

TEST(Replica, tells_what_it_is) {
    const Folder folder;
    const auto model = folder.load({.threads = 2});
    const ModelInfo& info = model->info();
    EXPECT_EQ(info.model_type, "llama");
    EXPECT_EQ(info.vocabulary_size, vocabulary);
    EXPECT_EQ(info.context_length, context);
    EXPECT_EQ(info.dtype, "float32");
    EXPECT_EQ(info.device, "cpu");
    EXPECT_EQ(info.threads, 2);
    EXPECT_THAT(info.numerics, HasSubstr("cpu float32 "));
    EXPECT_NE(info.identity, Sha256{});
}

TEST(Replica, settings_that_cannot_be_are_refused) {
    const Folder folder;
    EXPECT_THROW((void)folder.load({.dtype = "float16"}), InputError);
    EXPECT_THROW((void)folder.load({.dtype = "int3"}), InputError);
}

TEST(Replica, a_tokenizer_larger_than_the_embedding_is_refused) {
    const test::TemporaryFolder folder;
    test::write_checkpoint(test::tiny_llama(), folder.path());
    EXPECT_THROW((void)load_replica({.path = folder.path(), .device = "cpu"},
                                    std::make_unique<test::NumberTokenizer>(98)),
                 LoadError);
}

}  // namespace
}  // namespace evoke::lm
