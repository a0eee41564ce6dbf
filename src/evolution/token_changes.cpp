#include "evolution/token_changes.hpp"

#include <algorithm>
#include <utility>

namespace evoke::evolution {

namespace {

using population::Individual;
using Tokens = std::vector<TokenId>;

/// What each draw of a key decides.
enum Draw : std::uint32_t { which, whom, kind, where, token, second, mate, mix };

std::ptrdiff_t offset(std::size_t place) {
    return static_cast<std::ptrdiff_t>(place);
}

class Change {
public:
    Change(std::span<const Individual> population, std::span<const TokenId> vocabulary,
           const RandomKey& key)
        : population_{population},
          vocabulary_{vocabulary},
          key_{key},
          changed_{random_uniform(key, which) < 0.5
                       ? population.front()
                       : population[random_below(key, whom, population.size())]},
          tokens_{changed_.genome.tokens} {}

    TokenChange make() {
        const double share = random_uniform(key_, kind);
        if (share < 0.7) return swap();
        if (share < 0.8) return pair();
        if (share < 0.9) return move();
        return mixed();
    }

private:
    TokenId any(std::uint32_t draw) const {
        return vocabulary_[random_below(key_, draw, vocabulary_.size())];
    }
    std::size_t place() const { return random_below(key_, where, tokens_.size()); }
    TokenChange done(std::string_view operation) {
        return {std::move(tokens_), operation, {changed_.id}};
    }

    TokenChange swap() {
        const bool in_turn = key_.slot % 2 == 0;
        const std::size_t turn = (std::size_t{key_.generation} + key_.slot / 2) % tokens_.size();
        tokens_[in_turn ? turn : place()] = any(token);
        return done("token-swap");
    }

    TokenChange pair() {
        const std::size_t first = place();
        tokens_[first] = any(token);
        tokens_[(first + 1) % tokens_.size()] = any(second);
        return done("token-pair");
    }

    TokenChange move() {
        tokens_.erase(tokens_.begin() + offset(place()));
        const std::size_t to = random_below(key_, second, tokens_.size() + 1);
        tokens_.insert(tokens_.begin() + offset(to), any(token));
        return done("token-move");
    }

    TokenChange mixed() {
        const Individual& other = population_[random_below(key_, mate, population_.size())];
        const Tokens& theirs = other.genome.tokens;
        for (std::size_t i = 0; i < std::min(tokens_.size(), theirs.size()); ++i)
            if (random_uniform(key_, mix + static_cast<std::uint32_t>(i)) < 0.5)
                tokens_[i] = theirs[i];
        TokenChange change = done("token-mix");
        change.parents.push_back(other.id);
        return change;
    }

    std::span<const Individual> population_;
    std::span<const TokenId> vocabulary_;
    const RandomKey& key_;
    const Individual& changed_;
    Tokens tokens_;
};

}  // namespace

TokenChange change_tokens(std::span<const Individual> population,
                          std::span<const TokenId> vocabulary, const RandomKey& key) {
    return Change{population, vocabulary, key}.make();
}

std::vector<TokenChange> continuation_changes(const Individual& prompt, std::size_t kept,
                                              std::span<const TokenId> written,
                                              std::span<const TokenId> vocabulary) {
    const Tokens& tokens = prompt.genome.tokens;
    const auto ordinary = [&](TokenId id) { return std::ranges::binary_search(vocabulary, id); };
    std::vector<TokenChange> changes;
    if (kept >= tokens.size() || written.empty() || !ordinary(written.front())) return changes;
    changes.push_back({tokens, "continuation", {prompt.id}});
    changes.back().tokens[kept] = written.front();
    const std::size_t rest = tokens.size() - kept;
    if (written.size() < rest || !std::ranges::all_of(written.first(rest), ordinary))
        return changes;
    changes.push_back({tokens, "continuation", {prompt.id}});
    std::ranges::copy(written.first(rest), changes.back().tokens.begin() + offset(kept));
    return changes;
}

}  // namespace evoke::evolution
