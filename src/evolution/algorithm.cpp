#include "evoke/evolution/algorithm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "evoke/core/format.hpp"
#include "evoke/evolution/measures.hpp"
#include "evolution/algorithms/evoprompt_ga.hpp"
#include "evolution/algorithms/nsga2.hpp"
#include "evolution/algorithms/random_search.hpp"
#include "evolution/algorithms/target_search.hpp"
#include "evolution/generation.hpp"

namespace evoke::evolution {

namespace {

struct Entry {
    std::string_view name;
    std::unique_ptr<Algorithm> (*make)(Setting setting);
    bool breeds = true;  ///< uses the job's operators
};

constexpr std::array registry{
    Entry{"evoprompt-ga", make_evoprompt_ga},
    Entry{"random-search", make_random_search},
    Entry{"nsga2", make_nsga2},
    Entry{"target-search", make_target_search, false},
};

constexpr auto names = [] {
    std::array<std::string_view, registry.size()> all;
    std::ranges::transform(registry, all.begin(), &Entry::name);
    return all;
}();

void check_at_least(Diagnostics& mistakes, std::string_view option, int value, int least) {
    if (value < least)
        mistakes.add({.what = format("search.{}", option),
                      .expected = format("an integer from {}", least),
                      .found = std::to_string(value)});
}

void check_algorithm(Diagnostics& mistakes, const std::string& name) {
    if (std::ranges::find(names, name) != names.end()) return;
    const auto near = nearest_name(name, names);
    mistakes.add({.what = "search.algorithm",
                  .expected = format("one of {}", join(names, ", ")),
                  .found = '"' + name + '"',
                  .hint = near ? "did you mean '" + *near + "'?" : std::string{}});
}

void check_problem(Diagnostics& mistakes, const Problem& problem) {
    if (problem.initial.empty())
        mistakes.add({.what = "search.initial",
                      .expected = "at least one instruction (or search.initial_file)",
                      .found = "none"});
    if (problem.dev.examples.empty())
        mistakes.add({.what = "task.dev", .expected = "at least one example", .found = "none"});
    if (problem.objectives.empty())
        mistakes.add({.what = "objectives", .expected = "at least one objective", .found = "none"});
    auto known = problem.measures;
    known.insert(known.end(), {"prompt_tokens", "generated_tokens"});
    const std::vector<std::string_view> views{known.begin(), known.end()};
    for (const auto& objective : problem.objectives) {
        if (measure_index(objective.measure, problem.measures)) continue;
        const auto near = nearest_name(objective.measure, views);
        mistakes.add({.what = "objectives",
                      .expected = format("measures among {}", join(known, ", ")),
                      .found = '"' + objective.measure + '"',
                      .hint = near ? "did you mean '" + *near + "'?" : std::string{}});
    }
}

}  // namespace

std::span<const std::string_view> algorithm_names() {
    return names;
}

Diagnostics validate(const SearchOptions& options) {
    Diagnostics mistakes;
    check_algorithm(mistakes, options.algorithm);
    check_at_least(mistakes, "population", options.population, 1);
    check_at_least(mistakes, "generations", options.generations, 0);
    check_at_least(mistakes, "attempts", options.attempts, 1);
    check_at_least(mistakes, "max_prompt_tokens", options.max_prompt_tokens, 1);
    check_at_least(mistakes, "proposal_tokens", options.proposal_tokens, 1);
    check_at_least(mistakes, "demonstrations", options.demonstrations, 0);
    check_at_least(mistakes, "candidates", options.candidates, 1);
    if (!(options.temperature >= 0) || std::isinf(options.temperature))
        mistakes.add({.what = "search.temperature",
                      .expected = "a number from 0",
                      .found = format("{}", options.temperature)});
    if (!(options.top_p > 0) || options.top_p > 1)
        mistakes.add({.what = "search.top_p",
                      .expected = "a number above 0, up to 1",
                      .found = format("{}", options.top_p)});
    if (options.operators.empty())
        mistakes.add(
            {.what = "search.operators", .expected = "at least one operator", .found = "none"});
    return mistakes;
}

std::unique_ptr<Algorithm> make_algorithm(const SearchOptions& options, Problem problem) {
    Diagnostics mistakes = validate(options);
    check_problem(mistakes, problem);
    const auto entry = std::ranges::find(registry, options.algorithm, &Entry::name);
    std::vector<std::unique_ptr<const Operator>> operators;
    if (entry == registry.end() || entry->breeds) {
        try {
            operators = make_operators(options, problem.base, problem.sketch);
        } catch (const InputError& error) {
            mistakes.append(error.diagnostics());
        }
    }
    mistakes.throw_if_any();
    return entry->make(
        {.options = options, .problem = std::move(problem), .operators = std::move(operators)});
}

}  // namespace evoke::evolution
