#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evoke/core/hash.hpp"
#include "evoke/core/ids.hpp"
#include "evoke/core/random.hpp"
#include "evoke/lm/options.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::lm {

/// Log-probabilities of a continuation. The split points are the request's own (design rule 6.3):
/// an answer depends on its request alone, never on what else is in the batch.
struct ScoreRequest {
    /// Context, then continuation. Requires: at least one id of each.
    std::vector<TokenId> tokens;
    /// The leading ids that are the context; the rest is scored.
    std::size_t context_length = 0;
    /// The leading ids that lie wholly inside text shared with other requests (the prompt).
    /// Requires: prefix_length <= context_length.
    std::size_t prefix_length = 0;
    /// Leading ids of the prefix that lie wholly inside what several prefixes share: those before
    /// the first changed token, when one prompt is tried with many single tokens swapped.
    /// Requires: stem_length <= prefix_length.
    std::size_t stem_length = 0;
};

enum class RequestStatus : std::uint8_t {
    ok,
    overflow,  ///< longer than the model's context
};

struct ScoreResult {
    RequestStatus status = RequestStatus::ok;
    std::vector<float> token_logprobs;  ///< natural log, one per continuation id
    bool greedy = false;                ///< every continuation id was the most probable one

    /// Sum of token_logprobs, added in order in double.
    [[nodiscard]] double logprob() const;
};

/// Log-probabilities of candidates at the masks of a text, for models that fill in masks.
struct MaskedRequest {
    std::vector<TokenId> tokens;      ///< the whole text, special tokens included
    std::vector<std::size_t> masks;   ///< places of the mask tokens, ascending; at least one
    std::vector<TokenId> candidates;  ///< at least one
};

struct MaskedResult {
    RequestStatus status = RequestStatus::ok;
    std::vector<std::vector<float>> logprobs;  ///< [masks][candidates], natural log
};

/// The ids that are right at a mask: the loss is minus the logarithm of their summed probability.
struct MaskLabels {
    std::size_t mask = 0;         ///< its place in the text
    std::vector<TokenId> labels;  ///< at least one
};

/// A text whose loss depends on its trigger tokens.
struct GradientExample {
    std::vector<TokenId> tokens;        ///< the whole text; causal: with its target
    std::vector<std::size_t> triggers;  ///< [k] places of the trigger tokens
    /// Causal: the target is what follows these leading ids; its loss is minus its log-probability.
    /// Requires: 1 <= context_length < tokens.size(), triggers before it.
    std::size_t context_length = 0;
    std::vector<MaskLabels> masks;  ///< masked models: instead of a target; losses add up
};

/// Which tokens would lower the mean loss of some examples (HotFlip, AutoPrompt, GCG).
struct GradientRequest {
    std::vector<GradientExample> examples;  ///< at least one; k the same in all
    std::size_t top = 10;                   ///< candidates per position
    std::vector<TokenId> banned;            ///< never candidates, e.g. unprintable_tokens
};

struct TriggerCandidates {
    std::vector<TokenId> ids;   ///< most promising first; ties: smaller id first
    std::vector<float> values;  ///< the gradient of each: d loss / d one-hot, ascending
};

struct GradientResult {
    RequestStatus status = RequestStatus::ok;
    double loss = 0.0;                         ///< mean over the examples
    std::vector<TriggerCandidates> positions;  ///< [k]
};

struct Sampling {
    double temperature = 0.0;  ///< 0: greedy
    double top_p = 1.0;
    int top_k = 0;  ///< 0: all
    double min_p = 0.0;
    double repetition_penalty = 1.0;
};

struct GenerateRequest {
    std::vector<TokenId> prompt;
    /// As in ScoreRequest. Requires: prefix_length < prompt.size().
    std::size_t prefix_length = 0;
    std::uint32_t max_tokens = 64;
    /// Generation ends before the first of these texts; it is cut from the result.
    std::vector<std::string> stop;
    Sampling sampling;
    /// Token number n is drawn with random_uniform(key, n): the same alone or in company.
    RandomKey key;
};

enum class FinishReason : std::uint8_t {
    stop,    ///< a stop text or an end-of-text token
    length,  ///< max_tokens, or the end of the context
    error,   ///< status is not ok; nothing was generated
};

struct GenerateResult {
    RequestStatus status = RequestStatus::ok;
    FinishReason finish_reason = FinishReason::stop;
    std::vector<TokenId> tokens;  ///< generated ids, without the end-of-text token
    std::string text;             ///< decoded without special tokens, cut at the stop text
};

/// What can be said of a checkpoint without loading its weights.
struct ModelInfo {
    std::string model_type;
    bool masked = false;  ///< fills in masks: score_masked instead of score and generate
    std::size_t vocabulary_size = 0;  ///< rows of the embedding
    std::size_t context_length = 0;   ///< tokens, prompt and continuation together
    std::uint64_t parameters = 0;
    std::string dtype;     ///< computed in: float32, bfloat16, float16
    std::string device;    ///< cpu, cuda:0
    std::string hardware;  ///< name of the processor or GPU
    int threads = 0;
    /// Names weights and configuration: part of the run's identity.
    Sha256 identity{};
    /// Names what may move bits: dtype, device kind, kernel version. Part of every cache key.
    std::string numerics;
};

/// One replica. Calls come from one thread at a time.
class LanguageModel {
public:
    virtual ~LanguageModel() = default;

    /// Results in the order of `requests`; requests with equal leading ids up to their declared
    /// split points share that computation.
    /// Throws InputError for a request that breaks its requirements, EnvironmentError (out of
    /// memory) otherwise.
    [[nodiscard]] virtual std::vector<ScoreResult> score(
        std::span<const ScoreRequest> requests) = 0;
    [[nodiscard]] virtual std::vector<GenerateResult> generate(
        std::span<const GenerateRequest> requests) = 0;

    /// For masked models alone; the others throw InputError, as masked ones do for `score` and
    /// `generate`.
    [[nodiscard]] virtual std::vector<MaskedResult> score_masked(
        std::span<const MaskedRequest> requests) = 0;

    /// One result a request; an example longer than the context makes its request an overflow.
    /// Throws as `score` does.
    [[nodiscard]] virtual std::vector<GradientResult> gradient(
        std::span<const GradientRequest> requests) = 0;

    [[nodiscard]] virtual const text::Tokenizer& tokenizer() const = 0;
    [[nodiscard]] virtual const ModelInfo& info() const = 0;

    /// Called after each packed forward, so that a long call shows progress to the cluster.
    virtual void on_progress(std::function<void()> callback) = 0;
};

/// Throws LoadError: a file missing, broken, of another family, or with missing or surplus tensors.
[[nodiscard]] std::unique_ptr<LanguageModel> load_model(const ModelOptions& options);

/// Reads configuration and the headers of the weights, in milliseconds. `dtype`, `device`,
/// `identity` and `numerics` stay empty. Throws LoadError as load_model does.
[[nodiscard]] ModelInfo inspect_model(const std::filesystem::path& folder);

}  // namespace evoke::lm
