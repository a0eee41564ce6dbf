#pragma once

#include <string_view>

#include "evoke/lm/language_model.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::lm {

/// A context and its continuation as text; `prefix` comes before the context and is shared by many.
struct ScoreText {
    std::string_view prefix;
    std::string_view context;
    std::string_view continuation;
};

/// Ids as lm-evaluation-harness splits them: trailing spaces of the context move to the
/// continuation, whole = encode(context + continuation), the continuation is what follows
/// len(encode(context)); an empty context becomes BOS (or EOS). Where a token spans the boundary so
/// that nothing follows (the harness refuses that), the continuation is encoded alone. The shared
/// prefix ends after the leading ids that lie wholly inside `prefix`: those that encode(prefix) has
/// in common with the context's ids, a function of this request alone.
[[nodiscard]] ScoreRequest score_request(const text::Tokenizer& tokenizer, const ScoreText& text);

/// The ids of a prompt to continue, and how many of them lie wholly inside `prefix`.
struct PromptIds {
    std::vector<TokenId> ids;
    std::size_t prefix_length = 0;  ///< < ids.size()
};
/// `add_special_tokens` as in Tokenizer::encode; false for text that a chat template rendered.
[[nodiscard]] PromptIds prompt_ids(const text::Tokenizer& tokenizer, std::string_view prefix,
                                   std::string_view rest, bool add_special_tokens);

}  // namespace evoke::lm
