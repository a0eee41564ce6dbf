#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "evoke/core/ids.hpp"
#include "text/json_part.hpp"

namespace evoke::text {

/// The tokens of a model, by spelling and by id.
class Vocabulary {
public:
    Vocabulary() = default;
    /// {"token": id, …}
    explicit Vocabulary(const JsonPart& part);
    /// Ids by position.
    explicit Vocabulary(std::vector<std::string> tokens);
    Vocabulary(Vocabulary&&) = default;
    Vocabulary& operator=(Vocabulary&&) = default;
    // The index borrows the spellings.
    Vocabulary(const Vocabulary&) = delete;
    Vocabulary& operator=(const Vocabulary&) = delete;

    [[nodiscard]] std::optional<TokenId> id(std::string_view token) const;
    /// Empty for an id without a token.
    [[nodiscard]] const std::string& token(TokenId id) const;
    [[nodiscard]] bool has(TokenId id) const;
    /// How many tokens there are.
    [[nodiscard]] std::size_t count() const { return index_.size(); }
    /// One more than the largest id.
    [[nodiscard]] std::size_t id_limit() const { return tokens_.size(); }

private:
    void build_index();

    std::vector<std::string> tokens_;
    std::unordered_map<std::string_view, TokenId> index_;
};

/// Larger ids are taken for a damaged file.
inline constexpr TokenId largest_token_id = (1 << 24) - 1;

}  // namespace evoke::text
