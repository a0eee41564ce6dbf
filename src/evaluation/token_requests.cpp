#include "evaluation/token_requests.hpp"

#include <algorithm>
#include <utility>

#include "evaluation/utf8.hpp"
#include "evoke/core/error.hpp"

namespace evoke::evaluation {

namespace {

std::size_t common_length(const Tokens& a, const Tokens& b) {
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(differ.first - a.begin());
}

Tokens tail(const Tokens& ids, std::size_t from) {
    return {ids.begin() + static_cast<std::ptrdiff_t>(std::min(from, ids.size())), ids.end()};
}

void append(Tokens& ids, const Tokens& more) {
    ids.insert(ids.end(), more.begin(), more.end());
}

}  // namespace

bool PromptEncoder::adds_special_tokens(const RenderedPrompt& prompt, std::string_view text) const {
    if (!prompt.add_special_tokens) return false;
    const std::string bos = tokenizer_.bos() ? tokenizer_.token(*tokenizer_.bos()) : "";
    return bos.empty() || !text.starts_with(bos);
}

std::size_t PromptEncoder::shared_length(const std::string& shared, bool special,
                                         const Tokens& ids) {
    if (shared.empty()) return 0;
    if (last_shared_ != shared || last_special_ != special) {
        last_shared_ids_ = tokenizer_.encode(shared, special);
        last_shared_ = shared;
        last_special_ = special;
    }
    return common_length(last_shared_ids_, ids);
}

std::vector<lm::ScoreRequest> PromptEncoder::score(const RenderedPrompt& prompt,
                                                   std::span<const std::string> continuations) {
    const std::string whole_context = prompt.shared + prompt.rest;
    const std::size_t kept = length_without_trailing_space(whole_context);
    const std::string context = whole_context.substr(0, kept);
    const std::string space = whole_context.substr(kept);
    const bool special = adds_special_tokens(prompt, context);
    const Tokens context_ids = context.empty() ? Tokens{} : tokenizer_.encode(context, special);
    const std::size_t shared = shared_length(prompt.shared, special, context_ids);

    std::vector<lm::ScoreRequest> requests;
    requests.reserve(continuations.size());
    for (const std::string& text : continuations) {
        const std::string continuation = space + text;
        Tokens scored;
        lm::ScoreRequest request{.tokens = context_ids, .prefix_length = shared};
        if (context_ids.empty()) {
            request.tokens = {start_token(tokenizer_)};
            scored = tokenizer_.encode(continuation, false);
            const bool starts_itself = scored.size() > 1 && scored.front() == request.tokens[0];
            if (starts_itself) scored = tail(scored, 1);
        } else {
            scored = tail(tokenizer_.encode(context + continuation, special), context_ids.size());
            if (scored.empty()) scored = tokenizer_.encode(continuation, false);
        }
        request.context_length = request.tokens.size();
        append(request.tokens, scored);
        requests.push_back(std::move(request));
    }
    return requests;
}

PromptTokens PromptEncoder::prompt(const RenderedPrompt& prompt) {
    const std::string text = prompt.shared + prompt.rest;
    const bool special = adds_special_tokens(prompt, text);
    PromptTokens result{.ids = tokenizer_.encode(text, special)};
    if (result.ids.empty()) result.ids.push_back(start_token(tokenizer_));
    const std::size_t shared = shared_length(prompt.shared, special, result.ids);
    result.shared = std::min(shared, result.ids.size() - 1);
    return result;
}

TokenId start_token(const text::Tokenizer& tokenizer) {
    if (const auto bos = tokenizer.bos()) return *bos;
    if (const auto eos = tokenizer.eos()) return *eos;
    throw InputError{"an empty prompt needs a tokenizer with a BOS or EOS token"};
}

Tokens leading_tokens(const text::Tokenizer& tokenizer) {
    const Tokens added = tokenizer.encode("", true);
    const auto bos = tokenizer.bos();
    return bos && !added.empty() && added.front() == *bos ? Tokens{*bos} : Tokens{};
}

namespace {

/// The ids of `target` behind `text`; empty when the ids of `text` are no prefix of the whole.
Tokens ids_behind(const text::Tokenizer& tokenizer, const std::string& text,
                  std::string_view target) {
    const Tokens before = tokenizer.encode(text, false);
    const Tokens whole = tokenizer.encode(text + std::string{target}, false);
    return common_length(before, whole) == before.size() ? tail(whole, before.size()) : Tokens{};
}

}  // namespace

TargetRequest target_request(const text::Tokenizer& tokenizer, const population::Genome& genome,
                             std::string_view target) {
    const bool text_alone = genome.tokens.empty();
    const Tokens prompt = text_alone ? tokenizer.encode(genome.instruction, false) : genome.tokens;
    Tokens target_ids = ids_behind(
        tokenizer, text_alone ? genome.instruction : tokenizer.decode(prompt, false), target);
    if (target_ids.empty()) target_ids = ids_behind(tokenizer, "a", target);
    if (target_ids.empty()) target_ids = tokenizer.encode(target, false);

    TargetRequest result;
    Tokens& ids = result.request.tokens;
    ids = leading_tokens(tokenizer);
    append(ids, prompt);
    if (ids.empty()) ids.push_back(start_token(tokenizer));
    result.prompt_scored = ids.size() - 1;
    result.target_length = target_ids.size();
    append(ids, target_ids);
    result.request.context_length = 1;
    return result;
}

}  // namespace evoke::evaluation
