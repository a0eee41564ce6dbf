#include <gmock/gmock.h>

#include "evoke/core/error.hpp"
#include "unit/lm/replica_cases.hpp"

// The CUDA backend on the processor, with ATen operators in place of kernels.
namespace evoke::lm {
namespace {

using namespace replica_cases;
using testing::HasSubstr;

class PackedBits : public testing::TestWithParam<const char*> {
protected:
    [[nodiscard]] std::unique_ptr<LanguageModel> load(ModelOptions options = {},
                                                      std::int64_t most_slots = 0) const {
        options.dtype = GetParam();
        options.chunk_tokens = 256;
        if (options.threads == 0) options.threads = 1;
        return folder.load(options, BackendKind::packed, most_slots);
    }
    Folder folder;
};

TEST_P(PackedBits, do_not_depend_on_order_grouping_or_threads) {
    const auto requests = workload();
    const auto expected = load()->score(requests);
    expect_equal_bits(load({.threads = 2})->score(requests), expected);
    const auto model = load();
    for (const std::size_t group : {1U, 7U})
        expect_equal_bits(regrouped(*model, requests, group, static_cast<std::uint32_t>(group)),
                          expected);
}

TEST_P(PackedBits, do_not_depend_on_the_prefix_cache) {
    const auto requests = workload();
    const auto expected = load()->score(requests);
    expect_equal_bits(regrouped(*load({.prefix_cache_mib = 0}), requests, 4, 5), expected);
    const auto model = load();
    expect_equal_bits(model->score(requests), expected);
    expect_equal_bits(model->score(requests), expected);
}

TEST_P(PackedBits, of_generated_texts_do_not_depend_on_company) {
    const auto asked = prompts();
    const auto together = load()->generate(asked);
    const auto model = load();
    for (std::size_t i = 0; i < asked.size(); ++i)
        EXPECT_EQ(model->generate(std::span{asked}.subspan(i, 1))[0].tokens, together[i].tokens)
            << i;
}

TEST_P(PackedBits, do_not_change_when_memory_runs_out) {
    const auto asked = prompts();
    const auto expected = load()->generate(asked);
    const auto model = load({}, 400);  // Of the 12 texts of up to 160 ids a few fit.
    const auto results = model->generate(asked);
    for (std::size_t i = 0; i < asked.size(); ++i)
        EXPECT_EQ(results[i].tokens, expected[i].tokens) << i;
    const auto requests = workload();
    expect_equal_bits(load({}, 700)->score(requests), load()->score(requests));
}

INSTANTIATE_TEST_SUITE_P(Dtypes, PackedBits, testing::Values("float32", "bfloat16"));

TEST(PackedReplica, agrees_with_the_reference_backend) {
    const Folder folder;
    const auto requests = workload();
    const auto reference = folder.load({}, BackendKind::reference)->score(requests);
    for (const int chunk : {64, 101, 2048}) {
        const auto packed = folder.load({.threads = 1, .chunk_tokens = chunk}, BackendKind::packed)
                                ->score(requests);
        for (std::size_t i = 0; i < packed.size(); ++i)
            for (std::size_t k = 0; k < packed[i].token_logprobs.size(); ++k)
                ASSERT_NEAR(packed[i].token_logprobs[k], reference[i].token_logprobs[k], 1e-4);
    }
}

TEST(PackedReplica, generates_what_the_reference_backend_does) {
    const Folder folder;
    const auto asked = prompts();
    const auto reference = folder.load({.threads = 1}, BackendKind::reference)->generate(asked);
    const auto packed = folder.load({.threads = 1}, BackendKind::packed)->generate(asked);
    for (std::size_t i = 0; i < asked.size(); ++i)
        EXPECT_EQ(packed[i].tokens, reference[i].tokens) << i;
}

TEST(PackedReplica, memory_for_less_than_one_text_is_an_error_of_the_environment) {
    const Folder folder;
    const auto model = folder.load({}, BackendKind::packed, 60);
    EXPECT_THROW((void)model->generate(prompts()), EnvironmentError);
}

TEST(PackedReplica, names_what_decides_its_bits) {
    const Folder folder;
    EXPECT_THAT(folder.load({.chunk_tokens = 300}, BackendKind::packed)->info().numerics,
                testing::StrEq("cpu float32 packed-1 math-1 chunks of 300"));
}

}  // namespace
}  // namespace evoke::lm
