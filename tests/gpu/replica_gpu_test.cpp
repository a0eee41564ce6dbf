#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <memory>
#include <sstream>

#include "gpu/gpu_test.hpp"
#include "lm/cuda/recorder.hpp"
#include "lm/machine.hpp"
#include "unit/lm/replica_cases.hpp"

// Whole models on a device: against the processor, and against themselves in other company.
namespace evoke::lm {
namespace {

using namespace replica_cases;

class GpuReplica : public test::GpuTest {
protected:
    [[nodiscard]] std::unique_ptr<LanguageModel> load(const std::string& dtype,
                                                      ModelOptions options = {},
                                                      std::int64_t most_slots = 0,
                                                      BackendKind kind = BackendKind::best) const {
        options.dtype = dtype;
        options.device = "cuda";
        options.chunk_tokens = 512;
        return folder.load(options, kind, most_slots);
    }
    Folder folder{test::tiny_llama(64)};  ///< of a head size that flash attention takes
    std::vector<ScoreRequest> requests = workload();
};

double mean_difference(const std::vector<ScoreResult>& a, const std::vector<ScoreResult>& b) {
    double sum = 0.0;
    double count = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t k = 0; k < a[i].token_logprobs.size(); ++k) {
            sum += std::abs(a[i].token_logprobs[k] - b[i].token_logprobs[k]);
            count += 1.0;
        }
    }
    return sum / count;
}

TEST_F(GpuReplica, scores_in_float32_as_the_processor_does) {
    const auto expected = folder.load()->score(requests);
    const auto scores = load("float32")->score(requests);
    for (std::size_t i = 0; i < scores.size(); ++i)
        for (std::size_t k = 0; k < scores[i].token_logprobs.size(); ++k)
            ASSERT_NEAR(scores[i].token_logprobs[k], expected[i].token_logprobs[k], 1e-3);
}

TEST_F(GpuReplica, scores_in_bfloat16_no_worse_than_the_processor) {
    const auto exact = folder.load()->score(requests);
    const double processor =
        mean_difference(folder.load({.dtype = "bfloat16"})->score(requests), exact);
    EXPECT_LE(mean_difference(load("bfloat16")->score(requests), exact), 1.2 * processor);
}

TEST_F(GpuReplica, bits_do_not_depend_on_order_grouping_or_the_prefix_cache) {
    for (const char* dtype : {"bfloat16", "float32"}) {
        const auto expected = load(dtype)->score(requests);
        const auto model = load(dtype);
        for (const std::size_t group : {1U, 4U, 45U})
            expect_equal_bits(regrouped(*model, requests, group, static_cast<std::uint32_t>(group)),
                              expected);
        expect_equal_bits(regrouped(*load(dtype, {.prefix_cache_mib = 0}), requests, 4, 5),
                          expected);
    }
}

TEST_F(GpuReplica, generated_texts_do_not_depend_on_company) {
    const auto asked = prompts();
    const auto together = load("bfloat16")->generate(asked);
    const auto model = load("bfloat16");
    for (std::size_t i = 0; i < asked.size(); ++i)
        EXPECT_EQ(model->generate(std::span{asked}.subspan(i, 1))[0].tokens, together[i].tokens)
            << i;
}

// Long enough for texts that come and go, states that pile up, and recordings that are replayed.
TEST_F(GpuReplica, recorded_steps_say_what_plain_ones_do) {
    if (!cuda::make_recorder({at::kCUDA, 0})) GTEST_SKIP() << "this build records nothing";
    std::ostringstream said;
    const auto logger = spdlog::default_logger();
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(said);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("", sink));
    auto asked = prompts();
    for (std::uint32_t i = 0; i < 300; ++i) asked.push_back(asked[i % 12]);
    for (std::uint32_t i = 0; i < asked.size(); ++i) asked[i].key = {.seed = i};
    for (const char* dtype : {"bfloat16", "float16"}) {
        const auto plain = load(dtype, {}, 0, BackendKind::eager)->generate(asked);
        const auto model = load(dtype);
        for (int round = 0; round < 3; ++round) {
            const auto recorded = model->generate(asked);
            for (std::size_t i = 0; i < asked.size(); ++i)
                EXPECT_EQ(recorded[i].tokens, plain[i].tokens) << dtype << " " << round << " " << i;
        }
    }
    spdlog::set_default_logger(logger);
    EXPECT_EQ(said.str(), "") << "steps were recorded, and all kernels used";
}

TEST_F(GpuReplica, names_the_device) {
    EXPECT_NE(load("bfloat16")->info().hardware, "");
    EXPECT_NE(load("bfloat16")->info().hardware, processor_name());
}

TEST_F(GpuReplica, running_out_of_memory_changes_nothing_but_the_time) {
    const auto asked = prompts();
    const auto expected = load("bfloat16")->generate(asked);
    const auto results = load("bfloat16", {}, 400)->generate(asked);
    for (std::size_t i = 0; i < asked.size(); ++i)
        EXPECT_EQ(results[i].tokens, expected[i].tokens) << i;
}

}  // namespace
}  // namespace evoke::lm
