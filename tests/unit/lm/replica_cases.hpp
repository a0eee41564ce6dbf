#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lm/replica.hpp"
#include "support/number_tokenizer.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_checkpoint.hpp"

/// What tests of replicas ask, of whatever backend.
namespace evoke::lm::replica_cases {

constexpr std::size_t vocabulary = 97;
constexpr std::size_t context = 320;

/// A tiny checkpoint on disk.
class Folder {
public:
    explicit Folder(const test::TinyCheckpoint& checkpoint = test::tiny_llama()) {
        test::write_checkpoint(checkpoint, folder_.path());
    }
    [[nodiscard]] std::unique_ptr<LanguageModel> load(ModelOptions options = {},
                                                      BackendKind kind = BackendKind::best,
                                                      std::int64_t most_slots = 0) const {
        options.path = folder_.path();
        if (options.device == "auto") options.device = "cpu";
        if (options.dtype == "auto") options.dtype = "float32";
        return load_replica(options, std::make_unique<test::NumberTokenizer>(vocabulary), kind,
                            most_slots);
    }

private:
    test::TemporaryFolder folder_;
};

inline std::vector<TokenId> random_ids(std::size_t count, std::uint32_t slot) {
    const RandomKey key{.seed = 3, .slot = slot};
    std::vector<TokenId> ids;
    for (std::uint32_t i = 0; i < count; ++i)
        ids.push_back(static_cast<TokenId>(random_below(key, i, vocabulary - 1)));
    return ids;
}

inline std::vector<TokenId> joined(std::vector<TokenId> a, const std::vector<TokenId>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// 3 prefixes of lengths around block boundaries x 5 examples x 3 labels of 1 to 3 ids, and
/// requests without prefix or with nothing but prefix.
inline std::vector<ScoreRequest> workload() {
    std::vector<ScoreRequest> requests;
    std::uint32_t slot = 0;
    for (const std::size_t length : {63U, 64U, 130U}) {
        const auto prefix = random_ids(length, ++slot);
        for (const std::size_t own : {0U, 1U, 17U, 64U, 90U}) {
            const auto whole = joined(prefix, random_ids(own, ++slot));
            for (const std::size_t label : {1U, 2U, 3U}) {
                const bool shared = own != 17;
                requests.push_back({.tokens = joined(whole, random_ids(label, 1000 + slot)),
                                    .context_length = whole.size(),
                                    .prefix_length = shared ? length : 0});
            }
        }
    }
    return requests;
}

/// Answers in the order of `requests`, asked for in another one and in groups of `group`.
inline std::vector<ScoreResult> regrouped(LanguageModel& model,
                                          const std::vector<ScoreRequest>& requests,
                                          std::size_t group, std::uint32_t shuffle) {
    const auto order = random_permutation({.seed = 9, .slot = shuffle}, requests.size());
    std::vector<ScoreResult> results(requests.size());
    for (std::size_t begin = 0; begin < order.size(); begin += group) {
        const std::size_t end = std::min(order.size(), begin + group);
        std::vector<ScoreRequest> some;
        for (std::size_t i = begin; i < end; ++i) some.push_back(requests[order[i]]);
        const auto answers = model.score(some);
        for (std::size_t i = begin; i < end; ++i) results[order[i]] = answers[i - begin];
    }
    return results;
}

inline void expect_equal_bits(const std::vector<ScoreResult>& a,
                              const std::vector<ScoreResult>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        ASSERT_THAT(a[i].token_logprobs, testing::ElementsAreArray(b[i].token_logprobs)) << i;
        EXPECT_EQ(a[i].greedy, b[i].greedy) << i;
    }
}

/// Texts with and without shared prefix, greedy and drawn, of different lengths.
inline std::vector<GenerateRequest> prompts() {
    std::vector<GenerateRequest> asked;
    for (std::uint32_t i = 0; i < 12; ++i)
        asked.push_back({.prompt = joined(random_ids(70, 500 + i % 2), random_ids(1 + i, 600 + i)),
                         .prefix_length = i % 3 == 0 ? 0U : 70U,
                         .max_tokens = 5 + 7 * i,
                         .stop = {},
                         .sampling = {.temperature = i % 2 == 0 ? 0.0 : 1.0},
                         .key = {.seed = 100 + i}});
    return asked;
}

}  // namespace evoke::lm::replica_cases
