#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/core/ids.hpp"
#include "evoke/evaluation/render.hpp"
#include "evoke/lm/language_model.hpp"
#include "evoke/population/genome.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::evaluation {

using Tokens = std::vector<TokenId>;

/// A prompt's ids, and how many leading ones lie wholly inside its shared text.
struct PromptTokens {
    Tokens ids;
    std::size_t shared = 0;
};

/// Turns rendered prompts into ids, split as lm-evaluation-harness does it: white space at the end
/// of the context moves to the continuation, whole = encode(context + continuation), and the
/// continuation's ids are what follows len(encode(context)) of them. Every result is a function of
/// its own arguments; the object only remembers the last shared text's ids.
class PromptEncoder {
public:
    explicit PromptEncoder(const text::Tokenizer& tokenizer) : tokenizer_{tokenizer} {}

    /// One request per continuation, all with the same context. An empty context becomes BOS (or
    /// EOS). Where a merge leaves the continuation no id of its own, it is encoded alone.
    /// Requires: no continuation is empty.
    [[nodiscard]] std::vector<lm::ScoreRequest> score(const RenderedPrompt& prompt,
                                                      std::span<const std::string> continuations);

    /// For generation: the context as it stands. The last id is never part of `shared`.
    [[nodiscard]] PromptTokens prompt(const RenderedPrompt& prompt);

private:
    /// Unless the text spells BOS out itself.
    [[nodiscard]] bool adds_special_tokens(const RenderedPrompt& prompt,
                                           std::string_view text) const;
    /// Leading ids that lie wholly inside `shared`: those that its own ids have in common with
    /// `ids`.
    [[nodiscard]] std::size_t shared_length(const std::string& shared, bool special,
                                            const Tokens& ids);

    const text::Tokenizer& tokenizer_;
    std::optional<std::string> last_shared_;
    bool last_special_ = false;
    Tokens last_shared_ids_;
};

/// What a text starts from when it has no context: BOS, else EOS. Throws InputError when the
/// tokenizer has neither.
[[nodiscard]] TokenId start_token(const text::Tokenizer& tokenizer);

/// The ids before a genome's own tokens: BOS if the tokenizer puts it before a text, else none.
[[nodiscard]] Tokens leading_tokens(const text::Tokenizer& tokenizer);

/// A prompt of tokens and the target that shall follow it, scored in one request.
struct TargetRequest {
    lm::ScoreRequest request;
    std::size_t prompt_scored = 0;  ///< leading log-probabilities that belong to the prompt
    std::size_t target_length = 0;  ///< closing ones that belong to the target
};

/// ids = leading_tokens + prompt + target, where prompt = genome.tokens, or its instruction's ids
/// when it has none. Everything after the first id is scored: with BOS before it that is the whole
/// prompt, without BOS all of it but its first id. An empty prompt without BOS becomes BOS or EOS.
/// The target's ids are those that follow the prompt's text in encode(text + target), if the ids
/// of the text alone are a prefix of that; else those that follow the neutral text "a" in the same
/// way; else encode(target).
[[nodiscard]] TargetRequest target_request(const text::Tokenizer& tokenizer,
                                           const population::Genome& genome,
                                           std::string_view target);

}  // namespace evoke::evaluation
