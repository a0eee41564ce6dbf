#include "evolution/algorithms/random_search.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "evoke/evolution/measures.hpp"

namespace evoke::evolution {

namespace {

using population::Individual;
using population::SearchState;

/// By id, so that the draw does not depend on who ranks where by now.
std::vector<Individual> first_population(const SearchState& state) {
    std::vector<Individual> first;
    std::ranges::copy_if(state.population, std::back_inserter(first),
                         [](const Individual& one) { return one.generation == 0; });
    std::ranges::sort(first, {}, &Individual::id);
    return first;
}

class RandomSearch final : public Algorithm {
public:
    explicit RandomSearch(Setting setting) : setting_{std::move(setting)} {}

    [[nodiscard]] std::string_view name() const override { return "random-search"; }

    [[nodiscard]] SearchState start(Services& services) const override {
        return first_generation(setting_, services);
    }

    [[nodiscard]] SearchState step(SearchState state, Services& services) const override {
        open_generation(state);
        const std::vector<Individual> before = state.population;
        const std::vector<Individual> first = first_population(state);
        std::vector<Plan> plans;
        for (std::size_t slot = 0; slot < setting_.population(); ++slot)
            plans.push_back(plan(state, first, slot));
        bear(state, services, plans, setting_);
        state.population.insert(state.population.end(), state.born.begin(), state.born.end());
        state.population =
            best_of(std::move(state.population), setting_.population(), setting_.objectives());
        std::ranges::copy_if(first, std::back_inserter(state.population), [&](const auto& one) {
            return std::ranges::find(state.population, one.id, &Individual::id) ==
                   state.population.end();
        });
        close_generation(state, before, setting_);
        return state;
    }

private:
    Plan plan(const SearchState& state, const std::vector<Individual>& first,
              std::size_t slot) const {
        const Operator& operation = operator_of(setting_, state, slot);
        const auto order = random_permutation(selection_key(setting_, state, slot), first.size());
        std::vector<Individual> parents;
        for (std::size_t i = 0; i < operation.parents(); ++i)
            parents.push_back(first[order[i % order.size()]]);
        return make_plan(setting_, state, operation, std::move(parents));
    }

    Setting setting_;
};

}  // namespace

std::unique_ptr<Algorithm> make_random_search(Setting setting) {
    return std::make_unique<RandomSearch>(std::move(setting));
}

}  // namespace evoke::evolution
