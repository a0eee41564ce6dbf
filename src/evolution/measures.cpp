#include "evoke/evolution/measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace evoke::evolution {

namespace {

using population::Direction;
using population::Individual;
using population::Objective;
using population::Outcome;
using population::OutcomeStatus;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Means of the task's measures, then of generated tokens.
std::vector<double> means(std::span<const Outcome> outcomes, std::size_t width) {
    std::vector<double> sums(width + 1, 0);
    for (const Outcome& outcome : outcomes) {
        if (outcome.status == OutcomeStatus::overflow) return std::vector(width + 1, not_a_number);
        if (outcome.values.size() != width)
            throw std::invalid_argument{"an outcome does not have the task's number of measures"};
        for (std::size_t i = 0; i < width; ++i) sums[i] += double{outcome.values[i]};
        sums[width] += outcome.generated_tokens;
    }
    for (double& sum : sums) sum /= static_cast<double>(outcomes.size());
    return sums;
}

double prompt_tokens(const Individual& individual) {
    return individual.measures.size() < 2 ? 0 : individual.measures.rbegin()[1];
}

}  // namespace

std::optional<std::size_t> measure_index(std::string_view name,
                                         std::span<const std::string> measures) {
    const auto found = std::find(measures.begin(), measures.end(), name);
    if (found != measures.end()) return static_cast<std::size_t>(found - measures.begin());
    if (name == "prompt_tokens") return measures.size();
    if (name == "generated_tokens") return measures.size() + 1;
    return std::nullopt;
}

void set_measures(Individual& individual, std::span<const Outcome> outcomes,
                  std::span<const std::string> measures, std::size_t prompt_token_count,
                  std::span<const Objective> objectives) {
    if (outcomes.empty()) throw std::invalid_argument{"an individual without outcomes"};
    individual.measures = means(outcomes, measures.size());
    individual.measures.insert(individual.measures.end() - 1,
                               static_cast<double>(prompt_token_count));
    individual.feasible = std::ranges::none_of(
        outcomes, [](const Outcome& o) { return o.status == OutcomeStatus::overflow; });
    individual.objectives.clear();
    for (const Objective& objective : objectives) {
        const auto index = measure_index(objective.measure, measures);
        if (!index) throw std::invalid_argument{"no measure is named " + objective.measure};
        individual.objectives.push_back(individual.feasible ? individual.measures[*index]
                                                            : not_a_number);
    }
}

bool ranks_before(const Individual& a, const Individual& b, std::span<const Objective> objectives) {
    if (a.feasible != b.feasible) return a.feasible;
    const double first = a.objectives.empty() ? not_a_number : a.objectives.front();
    const double second = b.objectives.empty() ? not_a_number : b.objectives.front();
    if (std::isnan(first) != std::isnan(second)) return std::isnan(second);
    if (!std::isnan(first) && first != second) {
        const bool maximise = objectives.front().direction == Direction::maximise;
        return maximise ? first > second : first < second;
    }
    if (prompt_tokens(a) != prompt_tokens(b)) return prompt_tokens(a) < prompt_tokens(b);
    return a.id < b.id;
}

std::vector<Individual> best_of(std::vector<Individual> individuals, std::size_t count,
                                std::span<const Objective> objectives) {
    std::ranges::sort(individuals, [&](const Individual& a, const Individual& b) {
        return ranks_before(a, b, objectives);
    });
    if (individuals.size() > count)
        individuals.erase(individuals.begin() + static_cast<std::ptrdiff_t>(count),
                          individuals.end());
    return individuals;
}

std::vector<Individual> updated_archive(std::span<const Individual> archive,
                                        std::span<const Individual> evaluated,
                                        std::span<const Objective> objectives) {
    if (archive.empty()) throw std::invalid_argument{"an archive without a baseline"};
    std::vector<Individual> all{archive.begin() + 1, archive.end()};
    for (const Individual& one : evaluated) {
        const bool known = std::ranges::find(all, one.id, &Individual::id) != all.end();
        if (one.feasible && !known) all.push_back(one);
    }
    std::vector<Individual> next{archive.front()};
    for (const Individual& one : all) {
        const bool beaten = std::ranges::any_of(all, [&](const Individual& other) {
            return population::dominates(other.objectives, one.objectives, objectives);
        });
        if (!beaten) next.push_back(one);
    }
    std::ranges::sort(next.begin() + 1, next.end(), {}, &Individual::id);
    return next;
}

void count_outcomes(population::Spent& spent, std::span<const Outcome> outcomes) {
    for (const Outcome& outcome : outcomes) {
        ++spent.evaluations;
        spent.prompt_tokens += outcome.prompt_tokens;
        spent.generated_tokens += outcome.generated_tokens;
    }
}

}  // namespace evoke::evolution
