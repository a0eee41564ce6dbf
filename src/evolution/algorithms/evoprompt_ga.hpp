#pragma once

#include <memory>
#include <span>
#include <vector>

#include "evolution/generation.hpp"

namespace evoke::evolution {

/// EvoPrompt-GA (Guo et al., "Connecting large language models with evolutionary algorithms yields
/// powerful prompt optimizers", ICLR 2024, algorithm 2), with N = population:
///
///     P <- the best N of the initial prompts
///     each generation:
///         W <- N draws from P with replacement, in proportion to fitness       (roulette)
///         N times: child <- operator(parents sampled from the slots of W)
///         P <- the best N of P and the children
///
/// As in the paper's code, two sampled slots may hold the same prompt. Unlike there, selection and
/// survival both go by the first objective, and a duplicate is refused before it is measured.
[[nodiscard]] std::unique_ptr<Algorithm> make_evoprompt_ga(Setting setting);

/// Fitness for the roulette, none negative. A maximised objective without negative values counts as
/// it is; otherwise fitness is the distance from the worst one, and the worst one still gets a
/// tenth of the range. Infeasible ones get 0. All equal: everybody has the same chance.
[[nodiscard]] std::vector<double> roulette_fitness(
    std::span<const population::Individual> individuals,
    std::span<const population::Objective> objectives);

}  // namespace evoke::evolution
