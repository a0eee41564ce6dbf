#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "evoke/core/random.hpp"
#include "evoke/population/individual.hpp"

namespace evoke::evolution {

/// A prompt's tokens after one change.
struct TokenChange {
    std::vector<TokenId> tokens;
    std::string_view operation;  ///< token-swap, token-pair, token-move, token-mix, continuation
    std::vector<IndividualId> parents;
};

/// One random change, by the key alone: 70 % another token at one place (in even slots the places
/// in turn, else any place), 10 % at two neighbouring places, 10 % one token taken out and one put
/// in at any place, 10 % each token from one of two prompts. Half of the changes are made to the
/// first of the population. The number of tokens stays. Requires: population and vocabulary not
/// empty, no prompt without tokens.
[[nodiscard]] TokenChange change_tokens(std::span<const population::Individual> population,
                                        std::span<const TokenId> vocabulary, const RandomKey& key);

/// `prompt` with what the model wrote after its first `kept` tokens: the next token alone, and all
/// to the end. Fewer when the model wrote less, or a token that is not in `vocabulary`.
/// Requires: vocabulary ascending.
[[nodiscard]] std::vector<TokenChange> continuation_changes(const population::Individual& prompt,
                                                            std::size_t kept,
                                                            std::span<const TokenId> written,
                                                            std::span<const TokenId> vocabulary);

}  // namespace evoke::evolution
