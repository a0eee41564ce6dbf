#include "text/vocabulary.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace evoke::text {

Vocabulary::Vocabulary(const JsonPart& part) {
    if (!part.value().is_object()) part.expected("an object of tokens and ids");
    std::optional<TokenId> empty_token;
    // A table by id: gaps are normal, a table of gaps is not.
    const std::size_t most = 8 * part.value().size() + (1 << 16);
    for (const auto& [token, id] : part.value().items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 ||
            id.get<std::int64_t>() > largest_token_id) {
            part.fail("the token '" + token + "' has the id " + id.dump() +
                      ", expected an integer from 0 to " + std::to_string(largest_token_id));
        }
        const auto index = id.get<std::size_t>();
        if (index > most) {
            part.fail("the token '" + token + "' has the id " + id.dump() + " among " +
                      std::to_string(part.value().size()) + " tokens");
        }
        if (index >= tokens_.size()) tokens_.resize(index + 1);
        if (!tokens_[index].empty()) {
            part.fail("the tokens '" + tokens_[index] + "' and '" + token + "' share the id " +
                      std::to_string(index));
        }
        tokens_[index] = token;
        if (token.empty()) empty_token = static_cast<TokenId>(index);
    }
    build_index();
    if (empty_token) index_.emplace(std::string_view{}, *empty_token);
}

Vocabulary::Vocabulary(std::vector<std::string> tokens) : tokens_{std::move(tokens)} {
    build_index();
}

void Vocabulary::build_index() {
    index_.reserve(tokens_.size());
    for (std::size_t id = 0; id < tokens_.size(); ++id) {
        if (!tokens_[id].empty()) index_.insert_or_assign(tokens_[id], static_cast<TokenId>(id));
    }
}

std::optional<TokenId> Vocabulary::id(std::string_view token) const {
    const auto found = index_.find(token);
    return found == index_.end() ? std::nullopt : std::optional{found->second};
}

const std::string& Vocabulary::token(TokenId id) const {
    static const std::string none;
    return has(id) ? tokens_[static_cast<std::size_t>(id)] : none;
}

bool Vocabulary::has(TokenId id) const {
    return id >= 0 && static_cast<std::size_t>(id) < tokens_.size() &&
           !tokens_[static_cast<std::size_t>(id)].empty();
}

}  // namespace evoke::text
