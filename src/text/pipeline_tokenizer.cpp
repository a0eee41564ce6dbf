#include "text/pipeline_tokenizer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/byte_level.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

void append(std::vector<TokenId>& ids, const std::vector<TokenId>& more) {
    ids.insert(ids.end(), more.begin(), more.end());
}

}  // namespace

PipelineTokenizer::PipelineTokenizer(const JsonPart& root) {
    root.allow_only({"version", "truncation", "padding", "added_tokens", "normalizer",
                     "pre_tokenizer", "post_processor", "decoder", "model"});
    if (const auto part = root.find("normalizer")) normalizer_ = make_normalizer(*part);
    if (const auto part = root.find("pre_tokenizer")) pre_tokenizer_ = PreTokenizer{*part};
    if (const auto part = root.find("post_processor")) post_processor_ = PostProcessor{*part};
    if (const auto part = root.find("decoder")) decoder_ = Decoder{*part};
    model_ = make_model(root.at("model"));
    if (const auto part = root.find("added_tokens")) {
        added_ = AddedTokens{*part, model_->vocabulary(),
                             [this](std::string_view text) { return normalized(text); }};
    }
}

std::string PipelineTokenizer::normalized(std::string_view text) const {
    return normalizer_ ? normalizer_->apply(text) : std::string{text};
}

std::optional<TokenId> PipelineTokenizer::id(std::string_view token) const {
    const auto added = added_.id(token);
    return added ? added : model_->vocabulary().id(token);
}

std::vector<TokenId> PipelineTokenizer::encode(std::string_view text,
                                               bool add_special_tokens) const {
    std::string repaired;
    if (!is_valid_utf8(text)) {
        repaired = lossy_utf8(text);
        text = repaired;
    }
    std::vector<TokenId> ids;
    for (const auto& [span, token] : added_.plain().split(text)) {
        if (token) {
            ids.push_back(*token);
        } else {
            const auto part = text.substr(span.begin, span.end - span.begin);
            append(ids, encode_section({part, span.begin == 0}));
        }
    }
    return add_special_tokens ? post_processor_.apply(std::move(ids)) : ids;
}

std::vector<TokenId> PipelineTokenizer::encode_section(Piece section) const {
    std::string owner;
    if (normalizer_) {
        owner = normalizer_->apply(section.text);
        section.text = owner;
    }
    if (added_.normalized().empty()) return encode_words(section);
    std::vector<TokenId> ids;
    for (const auto& [span, token] : added_.normalized().split(section.text)) {
        if (token) {
            ids.push_back(*token);
        } else {
            const auto part = section.text.substr(span.begin, span.end - span.begin);
            append(ids, encode_words({part, section.at_start && span.begin == 0}));
        }
    }
    return ids;
}

std::vector<TokenId> PipelineTokenizer::encode_words(Piece text) const {
    std::vector<TokenId> ids;
    auto cache = caches_.borrow();
    const Pieces pieces = pre_tokenizer_.split(text);
    for (const Piece& piece : pieces.list) {
        if (!WordCache::takes(piece.text)) {
            append(ids, encode_word(piece.text));
            continue;
        }
        if (const std::vector<TokenId>* known = cache->find(piece.text)) {
            append(ids, *known);
            continue;
        }
        std::vector<TokenId> tokens = encode_word(piece.text);
        append(ids, tokens);
        cache->store(piece.text, std::move(tokens));
    }
    return ids;
}

std::vector<TokenId> PipelineTokenizer::encode_word(std::string_view word) const {
    return pre_tokenizer_.pieces_are_bytes() ? model_->tokenize(spell_bytes(word))
                                             : model_->tokenize(word);
}

std::string PipelineTokenizer::decode(std::span<const TokenId> ids,
                                      bool skip_special_tokens) const {
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (const TokenId id : ids) {
        const AddedToken* added = added_.find(id);
        if (added == nullptr) {
            if (model_->vocabulary().has(id)) tokens.push_back(model_->vocabulary().token(id));
        } else if (!(skip_special_tokens && added->special)) {
            // The decoder undoes what the normalizer did, to these tokens too.
            tokens.push_back(added->pattern);
        }
    }
    return decoder_.apply(std::move(tokens));
}

std::size_t PipelineTokenizer::vocabulary_size() const {
    std::size_t size = model_->vocabulary().id_limit();
    for (const AddedToken& token : added_.list()) {
        size = std::max(size, static_cast<std::size_t>(token.id) + 1);
    }
    return size;
}

std::string PipelineTokenizer::token(TokenId id) const {
    const AddedToken* added = added_.find(id);
    return added != nullptr ? added->content : model_->vocabulary().token(id);
}

bool PipelineTokenizer::is_special(TokenId id) const {
    const AddedToken* added = added_.find(id);
    return added != nullptr && added->special;
}

}  // namespace evoke::text
