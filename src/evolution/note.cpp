#include "evolution/note.hpp"

#include <algorithm>

#include "evoke/core/format.hpp"
#include "evoke/evolution/measures.hpp"

namespace evoke::evolution {

namespace {

using population::Individual;
using population::Objective;

std::string score(const Individual& individual) {
    return individual.feasible && !individual.objectives.empty()
               ? format("{:.4f}", individual.objectives.front())
               : "infeasible";
}

std::string tokens(const Individual& individual) {
    return format("{:.0f}", individual.measures.rbegin()[1]);
}

/// " from 0.79 and 0.81": the scores of those parents that are known.
std::string from_parents(const Individual& child, std::span<const Individual> before) {
    std::string text;
    for (const IndividualId id : child.parents) {
        const auto parent = std::ranges::find(before, id, &Individual::id);
        if (parent != before.end()) text += (text.empty() ? " from " : " and ") + score(*parent);
    }
    return text;
}

std::string prompt_of(const Individual& individual) {
    const auto shown = individual.genome.demonstrations.size();
    return in_quotes(individual.genome.instruction) +
           (shown == 0 ? std::string{} : format(" with {} demonstrations", shown));
}

std::size_t survivors(const population::SearchState& state) {
    return static_cast<std::size_t>(
        std::ranges::count(state.population, state.generation, &Individual::generation));
}

}  // namespace

std::string generation_note(const population::SearchState& state,
                            std::span<const Individual> before,
                            std::span<const Objective> objectives) {
    if (state.population.empty()) return "nobody survived";
    const auto first = [&](const Individual& a, const Individual& b) {
        return ranks_before(a, b, objectives);
    };
    const Individual& best = *std::ranges::min_element(state.population, first);
    const std::string what = format("best {} {}", objectives.front().measure, score(best));
    if (before.empty())
        return format("{}: {}; {} prompts measured, {} start", what, prompt_of(best),
                      state.born.size(), state.population.size());

    const std::string children =
        format("{} of {} children survive", survivors(state), state.born.size());
    const Individual& old = *std::ranges::min_element(before, first);
    if (best.id == old.id) return format("{}, as before: {}; {}", what, prompt_of(best), children);
    const std::string origin = format("{}, by {}{}; {}", prompt_of(best), best.operation,
                                      from_parents(best, before), children);
    if (score(best) == score(old) && tokens(best) != tokens(old))
        return format("{}, as before, but with {} prompt tokens instead of {}: {}", what,
                      tokens(best), tokens(old), origin);
    return format("{} ({} before): {}", what, score(old), origin);
}

std::string in_quotes(std::string_view text, std::size_t limit) {
    std::string line;
    for (const char c : text) line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    if (line.size() > limit) {
        std::size_t end = limit;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
        line = line.substr(0, end) + "…";
    }
    return '"' + line + '"';
}

}  // namespace evoke::evolution
