#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "evoke/core/ids.hpp"
#include "text/json_part.hpp"
#include "text/vocabulary.hpp"

namespace evoke::text {

/// Turns one word into tokens. Immutable.
class Model {
public:
    explicit Model(Vocabulary vocabulary) : vocabulary_{std::move(vocabulary)} {}
    virtual ~Model() = default;

    /// Requires: valid UTF-8, not empty.
    [[nodiscard]] virtual std::vector<TokenId> tokenize(std::string_view word) const = 0;
    [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }

private:
    Vocabulary vocabulary_;
};

/// Throws LoadError naming what is not supported.
[[nodiscard]] std::unique_ptr<const Model> make_model(const JsonPart& part);

}  // namespace evoke::text
