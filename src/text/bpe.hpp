#pragma once

#include <string>
#include <unordered_map>

#include "text/byte_tokens.hpp"
#include "text/model.hpp"
#include "text/pair_table.hpp"

namespace evoke::text {

/// Byte-pair encoding (https://arxiv.org/abs/1508.07909): starts from characters and merges the
/// pair of lowest rank, the leftmost first, until no pair has a merge.
class Bpe final : public Model {
public:
    explicit Bpe(const JsonPart& part);
    [[nodiscard]] std::vector<TokenId> tokenize(std::string_view word) const override;

private:
    [[nodiscard]] std::vector<TokenId> initial_tokens(std::string_view word) const;
    [[nodiscard]] std::optional<TokenId> initial_token(std::string_view character, bool first,
                                                       bool last) const;
    void read_merges(const JsonPart& part);

    PairTable merges_;
    std::unordered_map<char32_t, TokenId> characters_;  ///< tokens of one character
    ByteTokens byte_tokens_;
    std::optional<TokenId> unknown_;
    std::string continuing_prefix_;
    std::string end_suffix_;
    bool fuse_unknown_;
    bool byte_fallback_;
    bool ignore_merges_;
};

/// `tokens` after all merges.
[[nodiscard]] std::vector<TokenId> merge_all(std::vector<TokenId> tokens, const PairTable& merges);

}  // namespace evoke::text
