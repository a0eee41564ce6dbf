#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "lm/checkpoint.hpp"
#include "lm/cuda/cuda_backend.hpp"
#include "lm/cuda/math_attention.hpp"
#include "lm/families.hpp"
#include "lm/generation.hpp"
#include "unit/lm/cuda/rerun_recorder.hpp"
#include "unit/lm/replica_cases.hpp"

// Steps of generation that are recorded, on the processor: all that the recordings of a device rest
// on, but the device's own part in it.
namespace evoke::lm {
namespace {

using namespace replica_cases;
using cuda::RecorderCounts;
using testing::Ge;

/// Attention that knows no more than a launch on a device does: the tensors of a call, and a grid
/// for so many rows and keys.
cuda::Attended attend_by_tensors(const at::Tensor& queries, const at::Tensor& keys,
                                 const at::Tensor& values, const cuda::PackedCall& call,
                                 const cuda::AttentionShape& shape) {
    cuda::PackedCall read = call;
    read.sequences.clear();
    const auto* rows = call.row_starts.const_data_ptr<std::int32_t>();
    const auto* starts = call.key_starts.const_data_ptr<std::int32_t>();
    const auto* counts = call.key_counts.const_data_ptr<std::int32_t>();
    for (std::int64_t i = 0; i < call.key_counts.size(0); ++i)
        read.sequences.push_back(
            {.first_row = rows[i],
             .rows = std::min<std::int64_t>(rows[i + 1] - rows[i], call.most_rows),
             .first_key = starts[i],
             .keys = std::min<std::int64_t>(counts[i], call.most_keys)});
    return cuda::math_attend(queries, keys, values, read, shape);
}

/// A Llama with a window of 101 tokens in one layer, queries that grow, and another rope for texts
/// of more than 110 tokens.
ModelSpec varied_spec(const std::filesystem::path& folder) {
    ModelSpec spec = read_model_spec(folder);
    spec.context = 1500;
    spec.layer_specs[1].reach.back = 100;
    spec.query_growth = {.beta = 0.4, .period = 20};
    spec.ropes[0].long_after = 110;
    spec.ropes[0].long_frequencies = spec.ropes[0].frequencies;
    for (float& frequency : spec.ropes[0].long_frequencies) frequency *= 1.3F;
    return spec;
}

class Model {
public:
    /// The reference backend, whose steps go another way altogether.
    Model()
        : Model{[](const ModelSpec& spec) {
              return make_aten_backend(spec, at::kFloat, at::kCPU);
          }} {}

    explicit Model(RecorderCounts& counts)
        : Model{[&](const ModelSpec& spec) {
              cuda::DeviceOps ops = cuda::math_ops();
              ops.attend = attend_by_tensors;
              ops.repeatable = true;
              return make_cuda_backend(spec, at::kFloat, at::kCPU, ops,
                                       {.recorder = std::make_unique<cuda::RerunRecorder>(counts)});
          }} {}

    Backend& backend() { return transformer_->backend(); }

    std::vector<std::vector<TokenId>> generate(const std::vector<GenerateRequest>& requests) {
        std::vector<std::vector<TokenId>> texts;
        for (GenerateResult& result : generate_requests(requests,
                                                        {.transformer = *transformer_,
                                                        .cache = cache_,
                                                        .chunk_tokens = 256,
                                                        .progress = {},
                                                        .most_texts = 4},
                                                        *head_, tokenizer_))
            texts.push_back(std::move(result.tokens));
        return texts;
    }

private:
    template <class MakeBackend>
    explicit Model(const MakeBackend& make_backend) {
        at::set_num_threads(1);
        test::write_checkpoint(test::tiny_llama(), folder_.path());
        const ModelSpec spec = varied_spec(folder_.path());
        const auto checkpoint = std::make_shared<const Checkpoint>(folder_.path());
        transformer_.emplace(spec, load_weights(spec, checkpoint, at::kFloat, at::kCPU),
                             make_backend(spec));
        head_.emplace(transformer_->weights().head, backend());
    }

    const at::NoGradGuard no_gradients_;
    test::TemporaryFolder folder_;
    test::NumberTokenizer tokenizer_{vocabulary};
    PrefixCache cache_{std::size_t{1} << 20U};
    std::optional<Transformer> transformer_;
    std::optional<Head> head_;
};

GenerateRequest request(std::size_t prefix, std::size_t own, std::uint32_t max_tokens,
                        std::uint32_t slot) {
    return {.prompt = joined(random_ids(prefix, 1000 + static_cast<std::uint32_t>(prefix)),
                             random_ids(own, slot)),
            .prefix_length = prefix,
            .max_tokens = max_tokens,
            .stop = {},
            .sampling = {.temperature = slot % 3 == 0 ? 0.0 : 1.0},
            .key = {.seed = slot}};
}

/// Four grow at a time: neighbours that share a prefix, texts alone, short and long ones, whose
/// number of states grows and falls again.
std::vector<GenerateRequest> waves() {
    std::vector<GenerateRequest> requests;
    std::uint32_t slot = 0;
    for (const std::uint32_t tokens : {9U, 50U, 70U, 12U, 33U, 21U})
        requests.push_back(request(70, 1 + requests.size(), tokens, slot++));
    for (const std::size_t own : {3U, 200U, 40U, 90U, 5U})
        requests.push_back(request(0, own, 40, slot++));
    for (const std::uint32_t tokens : {60U, 30U, 20U, 10U})
        requests.push_back(request(50, 2, tokens, slot++));
    return requests;
}

TEST(RecordedGeneration, says_what_the_reference_backend_does) {
    const auto expected = Model{}.generate(waves());
    RecorderCounts counts;
    Model model{counts};
    EXPECT_EQ(model.generate(waves()), expected);
    EXPECT_THAT(counts.recorded, Ge(5));
    EXPECT_THAT(counts.replayed, Ge(2 * counts.rehearsed)) << counts.rehearsed;
    EXPECT_EQ(model.generate(waves()), expected);
}

/// A text whose steps are of two kinds, so that the second time its recordings are there at once.
std::vector<GenerateRequest> steady() {
    return {request(0, 120, 40, 5)};
}

class SteadyGeneration : public testing::Test {
protected:
    /// Texts before and after `change` are the same.
    template <class Change>
    void expect_same_after(const Change& change) {
        const auto expected = model.generate(steady());
        // The first time numbers moved when there were more of them.
        EXPECT_EQ(model.generate(steady()), expected);
        ASSERT_THAT(counts.recorded, Ge(2));
        change();
        EXPECT_EQ(model.generate(steady()), expected);
    }
    RecorderCounts counts;
    Model model{counts};
};

TEST_F(SteadyGeneration, replays_what_an_earlier_call_recorded) {
    expect_same_after([&] { counts = {}; });
    EXPECT_EQ(counts.recorded, 0);
    EXPECT_EQ(counts.rehearsed, 0);
}

TEST_F(SteadyGeneration, follows_states_that_move) {
    std::shared_ptr<KvState> large;
    expect_same_after([&] { large = model.backend().allocate(0, 5000); });
}

TEST_F(SteadyGeneration, follows_rotation_tables_that_grow) {
    expect_same_after([&] { (void)model.generate({request(0, 1100, 2, 77)}); });
}

TEST_F(SteadyGeneration, follows_numbers_that_move) {
    expect_same_after([&] { (void)model.generate({request(0, 700, 200, 78)}); });
}

/// Steps of `small` are recorded, and those of `large` differ from them in one size alone.
void expect_told_apart(const std::vector<GenerateRequest>& small,
                       const std::vector<GenerateRequest>& large) {
    RecorderCounts counts;
    Model model{counts};
    // Of yet another kind, so that all that follows has room where it lies.
    (void)model.generate(
        {request(9, 300, 99, 80), request(9, 301, 99, 81), request(9, 302, 99, 82)});
    (void)model.generate(small);
    counts = {};
    (void)model.generate(small);
    EXPECT_EQ(counts.rehearsed, 0) << "all of them are recorded";
    EXPECT_EQ(model.generate(large), Model{}.generate(large));
    EXPECT_THAT(counts.recorded, Ge(1));
}

TEST(RecordedGeneration, tells_texts_alone_from_neighbours_that_share_a_prefix) {
    expect_told_apart({request(40, 2, 20, 1), request(41, 2, 20, 2), request(42, 2, 20, 3)},
                      {request(40, 2, 20, 1), request(40, 3, 20, 2), request(40, 4, 20, 3)});
}

TEST(RecordedGeneration, tells_short_texts_from_long_ones) {
    expect_told_apart({request(0, 131, 20, 1)}, {request(0, 300, 20, 1)});
}

TEST(RecordedGeneration, tells_few_gathered_keys_from_many) {
    expect_told_apart({request(0, 30, 20, 1), request(0, 140, 20, 2)},
                      {request(0, 30, 20, 1), request(0, 230, 20, 2), request(0, 231, 20, 3),
                       request(0, 232, 20, 4)});
}

TEST_F(SteadyGeneration, goes_on_after_memory_was_given_back) {
    expect_same_after([&] {
        model.backend().release();
        counts = {};
    });
    EXPECT_THAT(counts.recorded, Ge(2)) << "recordings were dropped";
}

}  // namespace
}  // namespace evoke::lm
