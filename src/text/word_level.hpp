#pragma once

#include "text/model.hpp"

namespace evoke::text {

/// Each word is a token, or unknown.
class WordLevel final : public Model {
public:
    explicit WordLevel(const JsonPart& part);
    [[nodiscard]] std::vector<TokenId> tokenize(std::string_view word) const override;

private:
    TokenId unknown_;
};

}  // namespace evoke::text
