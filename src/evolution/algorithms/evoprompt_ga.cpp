#include "evolution/algorithms/evoprompt_ga.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "evoke/evolution/measures.hpp"

namespace evoke::evolution {

namespace {

using population::Individual;
using population::SearchState;

class EvoPromptGa final : public Algorithm {
public:
    explicit EvoPromptGa(Setting setting) : setting_{std::move(setting)} {}

    [[nodiscard]] std::string_view name() const override { return "evoprompt-ga"; }

    [[nodiscard]] SearchState start(Services& services) const override {
        return first_generation(setting_, services);
    }

    [[nodiscard]] SearchState step(SearchState state, Services& services) const override {
        open_generation(state);
        const std::vector<Individual> before = state.population;
        const std::vector<Individual> wheel = spin(state);
        std::vector<Plan> plans;
        for (std::size_t slot = 0; slot < setting_.population(); ++slot)
            plans.push_back(plan(state, wheel, slot));
        bear(state, services, plans, setting_);
        state.population.insert(state.population.end(), state.born.begin(), state.born.end());
        state.population =
            best_of(std::move(state.population), setting_.population(), setting_.objectives());
        close_generation(state, before, setting_);
        return state;
    }

private:
    /// Draw 0 of each slot's key.
    std::vector<Individual> spin(const SearchState& state) const {
        const auto fitness = roulette_fitness(state.population, setting_.objectives());
        std::vector<Individual> wheel;
        for (std::size_t slot = 0; slot < setting_.population(); ++slot)
            wheel.push_back(state.population[random_weighted(selection_key(setting_, state, slot),
                                                             0, fitness)]);
        return wheel;
    }

    /// Parents are the first slots of a permutation, from draw 1 on.
    Plan plan(const SearchState& state, const std::vector<Individual>& wheel,
              std::size_t slot) const {
        const Operator& operation = operator_of(setting_, state, slot);
        const auto order =
            random_permutation(selection_key(setting_, state, slot), wheel.size(), 1);
        std::vector<Individual> parents;
        for (std::size_t i = 0; i < operation.parents(); ++i)
            parents.push_back(wheel[order[i % order.size()]]);
        return make_plan(setting_, state, operation, std::move(parents));
    }

    Setting setting_;
};

}  // namespace

std::vector<double> roulette_fitness(std::span<const Individual> individuals,
                                     std::span<const population::Objective> objectives) {
    const bool maximise = objectives.front().direction == population::Direction::maximise;
    std::vector<double> gains;
    double least = 0, most = 0;
    bool any = false;
    const auto usable = [](const Individual& one) {
        return one.feasible && std::isfinite(one.objectives.front());
    };
    for (const Individual& one : individuals) {
        gains.push_back(maximise ? one.objectives.front() : -one.objectives.front());
        if (!usable(one)) continue;
        least = any ? std::min(least, gains.back()) : gains.back();
        most = any ? std::max(most, gains.back()) : gains.back();
        any = true;
    }
    const double zero = maximise && least >= 0 ? 0 : least - (most - least) / 10;
    for (std::size_t i = 0; i < gains.size(); ++i)
        gains[i] = usable(individuals[i]) ? gains[i] - zero : 0;
    // All worth the same, and nothing: random_weighted would choose among infeasible ones, too.
    if (any && std::ranges::all_of(gains, [](double gain) { return gain == 0; }))
        for (std::size_t i = 0; i < gains.size(); ++i) gains[i] = usable(individuals[i]) ? 1 : 0;
    return gains;
}

std::unique_ptr<Algorithm> make_evoprompt_ga(Setting setting) {
    return std::make_unique<EvoPromptGa>(std::move(setting));
}

}  // namespace evoke::evolution
