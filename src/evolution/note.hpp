#pragma once

#include <span>
#include <string>
#include <string_view>

#include "evoke/population/individual.hpp"
#include "evoke/population/objective.hpp"
#include "evoke/population/state.hpp"

namespace evoke::evolution {

/// One sentence for a person: the best prompt (by the first objective) and why it won, e.g.
///   best accuracy 0.8450 (0.8100 before): "…", by lm-paraphrase from 0.7900; 4 of 10 children
///   survive
/// `before` is the population that the parents were chosen from; empty for the first generation.
[[nodiscard]] std::string generation_note(const population::SearchState& state,
                                          std::span<const population::Individual> before,
                                          std::span<const population::Objective> objectives);

/// On one line, in double quotes, and at most `limit` bytes of it, cut between characters.
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t limit = 240);

}  // namespace evoke::evolution
