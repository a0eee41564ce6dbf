#include "evolution/note.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "evoke/evolution/measures.hpp"

namespace evoke::evolution {

namespace {

using population::Individual;
using population::Objective;

std::string score(const Individual& individual) {
    return individual.feasible && !individual.objectives.empty()
               ? fixed(individual.objectives.front(), 4)
               : "infeasible";
}

std::string tokens(const Individual& individual) {
    return fixed(individual.measures.rbegin()[1], 0);
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
           (shown == 0 ? std::string{} : " with " + std::to_string(shown) + " demonstrations");
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
    const std::string what = "best " + objectives.front().measure + ' ' + score(best);
    if (before.empty())
        return what + ": " + prompt_of(best) + "; " + std::to_string(state.born.size()) +
               " prompts measured, " + std::to_string(state.population.size()) + " start";

    const std::string children = "; " + std::to_string(survivors(state)) + " of " +
                                 std::to_string(state.born.size()) + " children survive";
    const Individual& old = *std::ranges::min_element(before, first);
    if (best.id == old.id) return what + ", as before: " + prompt_of(best) + children;
    const std::string origin =
        prompt_of(best) + ", by " + best.operation + from_parents(best, before) + children;
    if (score(best) == score(old))
        return what + ", as before, but with " + tokens(best) + " prompt tokens instead of " +
               tokens(old) + ": " + origin;
    return what + " (" + score(old) + " before): " + origin;
}

std::string fixed(double value, int digits) {
    std::array<char, 400> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value,
                                            std::chars_format::fixed, digits);
    return error == std::errc{} ? std::string{text.data(), end} : "?";
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
