#pragma once

#include <string>

#include "text/model.hpp"

namespace evoke::text {

/// BERT's WordPiece: the longest token that begins the word, then the longest continuation ("##…")
/// of what is left; unknown as a whole when a rest has none.
class WordPiece final : public Model {
public:
    explicit WordPiece(const JsonPart& part);
    [[nodiscard]] std::vector<TokenId> tokenize(std::string_view word) const override;

private:
    TokenId unknown_;
    std::string continuing_prefix_;
    std::size_t longest_word_;       ///< in characters
    std::size_t longest_token_ = 0;  ///< in bytes: what is longer need not be looked up
};

}  // namespace evoke::text
