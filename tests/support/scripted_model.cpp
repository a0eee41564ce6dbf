#include "support/scripted_model.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "evoke/core/error.hpp"

namespace evoke::test {

WordTokenizer::WordTokenizer(WordTokenizerOptions options) : options_{std::move(options)} {
    for (std::size_t n = 0; n < options_.words.size(); ++n) {
        ids_.emplace(options_.words[n], first_word + static_cast<TokenId>(n));
        longest_ = std::max(longest_, options_.words[n].size());
    }
}

std::vector<TokenId> WordTokenizer::encode(std::string_view text, bool add_special_tokens) const {
    std::vector<TokenId> ids;
    if (add_special_tokens && options_.add_bos) ids.push_back(bos_id);
    while (!text.empty()) {
        if (text.starts_with("<bos>") || text.starts_with("<eos>")) {
            ids.push_back(text.starts_with("<bos>") ? bos_id : eos_id);
            text.remove_prefix(5);
            continue;
        }
        std::size_t size = std::min(longest_, text.size());
        while (size > 0 && !ids_.contains(text.substr(0, size))) --size;
        if (size > 0) {
            ids.push_back(ids_.find(text.substr(0, size))->second);
        } else {
            size = 1;
            ids.push_back(first_byte + static_cast<unsigned char>(text[0]));
        }
        text.remove_prefix(size);
    }
    return ids;
}

std::string WordTokenizer::decode(std::span<const TokenId> ids, bool skip_special_tokens) const {
    std::string text;
    for (const TokenId id : ids) {
        if (!(skip_special_tokens && is_special(id))) text += token(id);
    }
    return text;
}

std::size_t WordTokenizer::vocabulary_size() const {
    return static_cast<std::size_t>(first_word) + options_.words.size();
}

std::string WordTokenizer::token(TokenId id) const {
    if (id == bos_id) return "<bos>";
    if (id == eos_id) return "<eos>";
    if (id < 0 || static_cast<std::size_t>(id) >= vocabulary_size()) return "";
    if (id < first_word) return {static_cast<char>(static_cast<unsigned char>(id - first_byte))};
    return options_.words[static_cast<std::size_t>(id - first_word)];
}

bool WordTokenizer::is_special(TokenId id) const {
    return id == bos_id || id == eos_id;
}

Sha256 WordTokenizer::identity() const {
    Sha256Stream stream;
    stream.field(std::string_view{"word tokenizer"});
    stream.field(std::uint64_t{options_.add_bos ? 1U : 0U});
    for (const std::string& word : options_.words) stream.field(std::string_view{word});
    return stream.finish();
}

ScriptedModel::ScriptedModel(Script script, WordTokenizerOptions tokenizer)
    : script_{std::move(script)}, tokenizer_{std::move(tokenizer)} {
    if (!script_.logprob) script_.logprob = [](auto, auto) { return -1.0; };
    if (!script_.reply) script_.reply = [](auto, const auto&) { return std::string{}; };
    info_ = {.model_type = "scripted",
             .vocabulary_size = tokenizer_.vocabulary_size(),
             .context_length = script_.context_length,
             .dtype = "float32",
             .device = "cpu",
             .hardware = "none",
             .threads = 1,
             .identity = sha256(as_bytes(script_.name)),
             .numerics = "scripted"};
}

lm::ScoreResult ScriptedModel::score_one(const lm::ScoreRequest& request) const {
    const bool sound = request.context_length > 0 &&
                       request.context_length < request.tokens.size() &&
                       request.prefix_length <= request.context_length;
    if (!sound) throw InputError{"a score request breaks its requirements"};
    lm::ScoreResult result;
    if (request.tokens.size() > script_.context_length) {
        result.status = lm::RequestStatus::overflow;
        return result;
    }
    for (std::size_t i = request.context_length; i < request.tokens.size(); ++i) {
        const std::span before{request.tokens.data(), i};
        const double logprob =
            script_.logprob(tokenizer_.decode(before, false), tokenizer_.token(request.tokens[i]));
        result.token_logprobs.push_back(static_cast<float>(logprob));
    }
    return result;
}

lm::GenerateResult ScriptedModel::generate_one(const lm::GenerateRequest& request) const {
    if (request.prompt.empty() || request.prefix_length >= request.prompt.size()) {
        throw InputError{"a generate request breaks its requirements"};
    }
    lm::GenerateResult result;
    if (request.prompt.size() >= script_.context_length) {
        result.status = lm::RequestStatus::overflow;
        result.finish_reason = lm::FinishReason::error;
        return result;
    }
    std::string text = script_.reply(tokenizer_.decode(request.prompt, false), request);
    std::size_t cut = std::string::npos;
    for (const std::string& stop : request.stop) cut = std::min(cut, text.find(stop));
    if (cut != std::string::npos) text.erase(cut);
    result.tokens = tokenizer_.encode(text, false);
    const std::size_t room = script_.context_length - request.prompt.size();
    const std::size_t most = std::min<std::size_t>(request.max_tokens, room);
    if (result.tokens.size() > most) {
        result.tokens.resize(most);
        text = tokenizer_.decode(result.tokens, true);
        result.finish_reason = lm::FinishReason::length;
    }
    result.text = std::move(text);
    return result;
}

std::vector<lm::ScoreResult> ScriptedModel::score(std::span<const lm::ScoreRequest> requests) {
    ++calls;
    std::vector<lm::ScoreResult> results;
    for (const lm::ScoreRequest& request : requests) {
        results.push_back(score_one(request));
        scored.push_back(request);
        if (progress_) progress_();
    }
    return results;
}

std::vector<lm::GenerateResult> ScriptedModel::generate(
    std::span<const lm::GenerateRequest> requests) {
    ++calls;
    std::vector<lm::GenerateResult> results;
    for (const lm::GenerateRequest& request : requests) {
        results.push_back(generate_one(request));
        generated.push_back(request);
        if (progress_) progress_();
    }
    return results;
}

std::vector<lm::MaskedResult> ScriptedModel::score_masked(std::span<const lm::MaskedRequest>) {
    throw InputError{"a scripted model fills in no masks"};
}

std::vector<lm::GradientResult> ScriptedModel::gradient(std::span<const lm::GradientRequest>) {
    throw InputError{"a scripted model has no gradients"};
}

}  // namespace evoke::test
