#pragma once

#include "text/byte_tokens.hpp"
#include "text/byte_trie.hpp"
#include "text/model.hpp"

namespace evoke::text {

/// A unigram language model (https://arxiv.org/abs/1804.10959): the tokens whose scores have the
/// largest sum. Among equals the one found first, as in the reference.
class Unigram final : public Model {
public:
    explicit Unigram(const JsonPart& part);
    [[nodiscard]] std::vector<TokenId> tokenize(std::string_view word) const override;

private:
    /// The best way to reach a place of the word.
    struct Node {
        double score = 0;
        std::size_t begin = no_place;  ///< where its last token begins
        TokenId token = -1;
    };
    static constexpr std::size_t no_place = static_cast<std::size_t>(-1);

    /// A part of the word: a token, or a run without one.
    struct Part {
        std::size_t begin;
        std::size_t end;
        TokenId token;
    };

    [[nodiscard]] std::vector<Node> best_paths(std::string_view word) const;
    [[nodiscard]] std::vector<Part> best_parts(std::string_view word) const;

    std::vector<double> scores_;
    double unknown_score_ = 0;
    std::optional<TokenId> unknown_;
    bool byte_fallback_;
    ByteTokens byte_tokens_;
    ByteTrie trie_;
};

}  // namespace evoke::text
