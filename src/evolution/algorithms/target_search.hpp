#pragma once

#include <memory>
#include <string_view>

#include "evolution/generation.hpp"

namespace evoke::evolution {

/// Target-output search: changes a prompt's own tokens, their number kept, until the model's greedy
/// continuation is the target. A beam search by exact losses:
///
///     P <- the initial prompts, as tokens
///     each iteration:
///         candidates <- from the model: for every position of the best prompt, the tokens that the
///                       model itself continues with there, one of them or all to the end;
///                       then, until there are `candidates` of them, changes of a prompt (the best
///                       one half of the time): another token at one place (positions in turn, or
///                       any), at two neighbouring places, a token taken out and one put in
///                       elsewhere, or a mix of two prompts
///         P <- the best `population` of P and the candidates, by the first objective
///         end when the best one's continuation is the target, or at the last iteration
///
/// A candidate whose text would be read as other tokens is left out, and so is what was measured
/// before. The best loss never rises. state.born holds the candidates that entered the population
/// or the archive; all of them are counted in state.spent and state.seen.
[[nodiscard]] std::unique_ptr<Algorithm> make_target_search(Setting setting);

/// Whether the reply's first tokens, some number of them, put the target's text behind the prompt's
/// (white space at both ends of the target aside).
[[nodiscard]] bool continues_with(std::string_view target, const population::Genome& prompt,
                                  const Reply& reply, const Services& services);

}  // namespace evoke::evolution
