#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/core/hash.hpp"
#include "evoke/core/ids.hpp"

namespace evoke::text {

/// Text to ids and back, exactly as Hugging Face `tokenizers` does it. Immutable, so that threads
/// may share one. A runtime seam: tests implement it with a handful of words.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// `add_special_tokens`: what the checkpoint's post-processor adds (BOS, …). Special tokens
    /// spelled out in `text` become their ids either way.
    [[nodiscard]] virtual std::vector<TokenId> encode(std::string_view text,
                                                      bool add_special_tokens) const = 0;
    [[nodiscard]] virtual std::string decode(std::span<const TokenId> ids,
                                             bool skip_special_tokens) const = 0;

    /// Ids run from 0 to size-1, added tokens included.
    [[nodiscard]] virtual std::size_t vocabulary_size() const = 0;
    /// The vocabulary's own spelling of an id ("▁the"); empty for an id without a token.
    [[nodiscard]] virtual std::string token(TokenId id) const = 0;
    [[nodiscard]] virtual bool is_special(TokenId id) const = 0;

    [[nodiscard]] virtual std::optional<TokenId> bos() const = 0;
    [[nodiscard]] virtual std::optional<TokenId> eos() const = 0;
    /// What masked models fill in.
    [[nodiscard]] virtual std::optional<TokenId> mask() const { return std::nullopt; }

    /// Names the tokenizer's content: part of a run's identity and of every cache key.
    [[nodiscard]] virtual Sha256 identity() const = 0;
};

/// The text that `ids` add behind the tokens `before`. Not their decoding alone: a decoder may
/// treat the start of a text by its own rule (Metaspace drops its first space).
[[nodiscard]] std::string decode_behind(const Tokenizer& tokenizer, std::span<const TokenId> before,
                                        std::span<const TokenId> ids, bool skip_special_tokens);

/// Reads tokenizer.json, tokenizer_config.json and special_tokens_map.json of a checkpoint folder.
/// Throws LoadError: a file missing or broken, or a part that is not supported (named).
[[nodiscard]] std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder);

}  // namespace evoke::text
