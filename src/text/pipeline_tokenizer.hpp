#pragma once

#include <memory>

#include "evoke/text/tokenizer.hpp"
#include "text/added_tokens.hpp"
#include "text/decoder.hpp"
#include "text/model.hpp"
#include "text/normalizer.hpp"
#include "text/post_processor.hpp"
#include "text/pre_tokenizer.hpp"
#include "text/word_cache.hpp"

namespace evoke::text {

/// Tokens that a checkpoint names for a purpose.
struct NamedTokens {
    std::optional<TokenId> bos;
    std::optional<TokenId> eos;
    std::optional<TokenId> mask;
};

/// The pipeline of a tokenizer.json: added tokens, normalizer, pre-tokenizer, model,
/// post-processor; and back through the decoder.
class PipelineTokenizer final : public Tokenizer {
public:
    /// The whole content of tokenizer.json. Throws LoadError. `truncation` and `padding` are not
    /// applied: how long a text may be is the caller's business.
    explicit PipelineTokenizer(const JsonPart& root);

    void set_named_tokens(NamedTokens tokens) { named_ = tokens; }
    void set_identity(const Sha256& identity) { identity_ = identity; }
    [[nodiscard]] std::optional<TokenId> id(std::string_view token) const;

    [[nodiscard]] std::vector<TokenId> encode(std::string_view text,
                                              bool add_special_tokens) const override;
    [[nodiscard]] std::string decode(std::span<const TokenId> ids,
                                     bool skip_special_tokens) const override;
    [[nodiscard]] std::size_t vocabulary_size() const override;
    [[nodiscard]] std::string token(TokenId id) const override;
    [[nodiscard]] bool is_special(TokenId id) const override;
    [[nodiscard]] std::optional<TokenId> bos() const override { return named_.bos; }
    [[nodiscard]] std::optional<TokenId> eos() const override { return named_.eos; }
    [[nodiscard]] std::optional<TokenId> mask() const override { return named_.mask; }
    [[nodiscard]] Sha256 identity() const override { return identity_; }

private:
    [[nodiscard]] std::string normalized(std::string_view text) const;
    /// A section without plain added tokens.
    [[nodiscard]] std::vector<TokenId> encode_section(Piece section) const;
    [[nodiscard]] std::vector<TokenId> encode_words(Piece text) const;
    [[nodiscard]] std::vector<TokenId> encode_word(std::string_view word) const;

    std::unique_ptr<const Normalizer> normalizer_;
    PreTokenizer pre_tokenizer_;
    std::unique_ptr<const Model> model_;
    PostProcessor post_processor_;
    Decoder decoder_;
    AddedTokens added_;
    NamedTokens named_;
    Sha256 identity_{};
    mutable WordCachePool caches_;
};

}  // namespace evoke::text
