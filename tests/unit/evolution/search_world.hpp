#pragma once

#include <string>
#include <vector>

#include "evoke/evolution/algorithm.hpp"
#include "support/scripted_services.hpp"

namespace evoke::test {

/// A world whose best prompt is known: dev has eight examples, and a prompt gets example n right
/// when it holds the word "wn". Measures: accuracy, loss (1 - accuracy); objective: accuracy.
[[nodiscard]] evolution::Problem word_problem(std::vector<std::string> initial);

/// Its services. The proposing model answers a meta-prompt with a prompt of four words drawn by the
/// meta-prompt's key among w0 … w7 and x.
[[nodiscard]] ScriptedServices word_services();

/// An evaluated individual: id, accuracy, prompt tokens.
[[nodiscard]] population::Individual individual(std::uint64_t id, double accuracy,
                                                double prompt_tokens, std::string instruction = {});

/// Equal in everything that a generation file holds.
void expect_same(const population::SearchState& a, const population::SearchState& b);

/// Ids of individuals, as numbers.
[[nodiscard]] std::vector<std::uint64_t> ids(
    const std::vector<population::Individual>& individuals);

/// Starts and makes `generations` steps. After each step the result must be the same for a copy of
/// the state and for another order of arrival.
[[nodiscard]] population::SearchState run_checked(const evolution::Algorithm& algorithm,
                                                  ScriptedServices services, int generations);

}  // namespace evoke::test
