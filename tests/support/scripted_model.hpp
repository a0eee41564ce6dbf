#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/lm/language_model.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::test {

struct WordTokenizerOptions {
    /// Pieces that are one token each, e.g. "good" and " good"; everything else is bytes.
    std::vector<std::string> words;
    bool add_bos = true;  ///< encode(…, true) puts <bos> first
};

/// A tokenizer that can be followed by hand: <bos> = 0, <eos> = 1, byte b = 2 + b, word number n =
/// 258 + n. At each place of the text the longest word that stands there wins, else one byte.
/// encode and decode are inverse to each other.
class WordTokenizer final : public text::Tokenizer {
public:
    static constexpr TokenId bos_id = 0;
    static constexpr TokenId eos_id = 1;
    static constexpr TokenId first_byte = 2;
    static constexpr TokenId first_word = 258;

    explicit WordTokenizer(WordTokenizerOptions options = {});

    [[nodiscard]] std::vector<TokenId> encode(std::string_view text,
                                              bool add_special_tokens) const override;
    [[nodiscard]] std::string decode(std::span<const TokenId> ids,
                                     bool skip_special_tokens) const override;
    [[nodiscard]] std::size_t vocabulary_size() const override;
    [[nodiscard]] std::string token(TokenId id) const override;
    [[nodiscard]] bool is_special(TokenId id) const override;
    [[nodiscard]] std::optional<TokenId> bos() const override { return bos_id; }
    [[nodiscard]] std::optional<TokenId> eos() const override { return eos_id; }
    [[nodiscard]] Sha256 identity() const override;

private:
    WordTokenizerOptions options_;
    std::map<std::string, TokenId, std::less<>> ids_;
    std::size_t longest_ = 0;
};

/// What a scripted model does. Both functions see decoded text with special tokens spelled out
/// ("<bos>Good film"), so that a script reads like a conversation. They must be pure: a script is a
/// function of its arguments, as a model is.
struct Script {
    /// Natural log-probability of `token` after `before`. Default: −1 for every token.
    std::function<double(std::string_view before, std::string_view token)> logprob;
    /// What the model writes after a prompt, before stop texts and max_tokens cut it. Default: "".
    std::function<std::string(std::string_view prompt, const lm::GenerateRequest& request)> reply;
    std::size_t context_length = 1024;  ///< ids; a longer request overflows
    std::string name = "scripted";
};

/// A language model that a test writes. Keeps all requests for the test to look at.
class ScriptedModel final : public lm::LanguageModel {
public:
    explicit ScriptedModel(Script script = {}, WordTokenizerOptions tokenizer = {});

    [[nodiscard]] std::vector<lm::ScoreResult> score(
        std::span<const lm::ScoreRequest> requests) override;
    [[nodiscard]] std::vector<lm::GenerateResult> generate(
        std::span<const lm::GenerateRequest> requests) override;
    /// What a script does not say is not asked: these throw.
    [[nodiscard]] std::vector<lm::MaskedResult> score_masked(
        std::span<const lm::MaskedRequest> requests) override;
    [[nodiscard]] std::vector<lm::GradientResult> gradient(
        std::span<const lm::GradientRequest> requests) override;
    [[nodiscard]] const text::Tokenizer& tokenizer() const override { return tokenizer_; }
    [[nodiscard]] const lm::ModelInfo& info() const override { return info_; }
    void on_progress(std::function<void()> callback) override { progress_ = std::move(callback); }

    std::size_t calls = 0;  ///< of score and generate
    std::vector<lm::ScoreRequest> scored;
    std::vector<lm::GenerateRequest> generated;

private:
    lm::ScoreResult score_one(const lm::ScoreRequest& request) const;
    lm::GenerateResult generate_one(const lm::GenerateRequest& request) const;

    Script script_;
    WordTokenizer tokenizer_;
    lm::ModelInfo info_;
    std::function<void()> progress_;
};

}  // namespace evoke::test
