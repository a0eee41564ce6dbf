#include "evoke/lm/requests.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "evoke/core/error.hpp"

namespace evoke::lm {

namespace {

std::size_t common_length(const std::vector<TokenId>& a, const std::vector<TokenId>& b) {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

/// What an empty context is scored after.
TokenId start_of_text(const text::Tokenizer& tokenizer) {
    if (const auto id = tokenizer.bos()) return *id;
    if (const auto id = tokenizer.eos()) return *id;
    throw InputError{
        "an empty context needs a tokenizer with a beginning-of-text or end-of-text token"};
}

/// The harness adds special tokens unless the text spells the first one out.
bool adds_special_tokens(const text::Tokenizer& tokenizer, const std::string& text) {
    const auto bos = tokenizer.bos();
    if (!bos) return true;
    const std::string spelled = tokenizer.token(*bos);
    return spelled.empty() || !text.starts_with(spelled);
}

}  // namespace

ScoreRequest score_request(const text::Tokenizer& tokenizer, const ScoreText& text) {
    std::string context = std::string{text.prefix} + std::string{text.context};
    std::string continuation{text.continuation};
    // lm-evaluation-harness takes trailing white space as Python's rstrip does.
    const std::size_t kept = context.find_last_not_of(" \t\n\r\v\f\x1c\x1d\x1e\x1f") + 1;
    ScoreRequest request;
    if (context.empty()) {
        const TokenId start = start_of_text(tokenizer);
        request.tokens = tokenizer.encode(continuation, false);
        if (request.tokens.empty() || request.tokens.front() != start)
            request.tokens.insert(request.tokens.begin(), start);
        request.context_length = 1;
    } else {
        continuation.insert(0, context, kept);
        context.resize(kept);
        const bool special = adds_special_tokens(tokenizer, context);
        const std::vector<TokenId> whole = tokenizer.encode(context + continuation, special);
        request.tokens = tokenizer.encode(context, special);
        request.context_length = request.tokens.size();
        const std::vector<TokenId> prefix =
            tokenizer.encode(std::string_view{text.prefix}, special);
        request.prefix_length = text.prefix.empty() ? 0 : common_length(prefix, request.tokens);
        // A token that swallows the whole continuation leaves nothing behind the context: then the
        // continuation stands for itself.
        const bool swallowed = whole.size() <= request.context_length;
        const std::vector<TokenId> scored =
            swallowed ? tokenizer.encode(continuation, false)
                      : std::vector<TokenId>(
                            whole.begin() + static_cast<std::ptrdiff_t>(request.context_length),
                            whole.end());
        request.tokens.insert(request.tokens.end(), scored.begin(), scored.end());
    }
    if (request.context_length == 0 || request.context_length >= request.tokens.size())
        throw InputError{"score: expected at least one id of context and continuation, found " +
                         std::to_string(request.tokens.size()) + " of both"};
    return request;
}

PromptIds prompt_ids(const text::Tokenizer& tokenizer, std::string_view prefix,
                     std::string_view rest, bool add_special_tokens) {
    const std::string text = std::string{prefix} + std::string{rest};
    PromptIds prompt{.ids = tokenizer.encode(text, add_special_tokens)};
    if (prompt.ids.empty()) prompt.ids.push_back(start_of_text(tokenizer));
    if (!prefix.empty()) {
        const std::size_t common =
            common_length(tokenizer.encode(prefix, add_special_tokens), prompt.ids);
        prompt.prefix_length = std::min(common, prompt.ids.size() - 1);
    }
    return prompt;
}

}  // namespace evoke::lm
