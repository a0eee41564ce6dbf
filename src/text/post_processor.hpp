#pragma once

#include <vector>

#include "evoke/core/ids.hpp"
#include "text/json_part.hpp"

namespace evoke::text {

/// Adds special tokens around the tokens of a text.
class PostProcessor {
public:
    /// Adds nothing.
    PostProcessor() = default;
    /// Throws LoadError naming what is not supported.
    explicit PostProcessor(const JsonPart& part);

    [[nodiscard]] std::vector<TokenId> apply(std::vector<TokenId> ids) const;

private:
    struct Around {
        std::vector<TokenId> before;
        std::vector<TokenId> after;
    };

    void add_template(const JsonPart& part);
    void add_pair(const JsonPart& part);
    void add(const JsonPart& part);

    std::vector<Around> steps_;
};

}  // namespace evoke::text
