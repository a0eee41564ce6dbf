#include "evolution/algorithms/nsga2.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "evoke/evolution/measures.hpp"

namespace evoke::evolution {

namespace {

using population::Individual;
using population::Objective;
using population::SearchState;

using Indices = std::vector<std::size_t>;

/// Adds each member's share of one objective to its crowding distance.
void add_crowding(std::vector<Standing>& standing, Indices front, std::size_t objective,
                  std::span<const Individual> individuals) {
    const auto value = [&](std::size_t i) { return individuals[i].objectives[objective]; };
    // Without NaN, which has no distance to anything.
    std::erase_if(front, [&](std::size_t i) { return !std::isfinite(value(i)); });
    if (front.empty()) return;
    std::ranges::sort(front, [&](std::size_t a, std::size_t b) {
        return std::pair{value(a), individuals[a].id} < std::pair{value(b), individuals[b].id};
    });
    const double range = value(front.back()) - value(front.front());
    standing[front.front()].crowding = std::numeric_limits<double>::infinity();
    standing[front.back()].crowding = std::numeric_limits<double>::infinity();
    if (range <= 0) return;
    for (std::size_t k = 1; k + 1 < front.size(); ++k)
        standing[front[k]].crowding += (value(front[k + 1]) - value(front[k - 1])) / range;
}

class Nsga2 final : public Algorithm {
public:
    explicit Nsga2(Setting setting) : setting_{std::move(setting)} {}

    [[nodiscard]] std::string_view name() const override { return "nsga2"; }

    [[nodiscard]] SearchState start(Services& services) const override {
        SearchState state = first_generation(setting_, services);
        state.population = survivors(state.born);
        close_generation(state, {}, setting_);
        return state;
    }

    [[nodiscard]] SearchState step(SearchState state, Services& services) const override {
        open_generation(state);
        const std::vector<Individual> before = state.population;
        const std::vector<Standing> standing = standings(before, setting_.objectives());
        std::vector<Plan> plans;
        for (std::size_t slot = 0; slot < setting_.population(); ++slot)
            plans.push_back(plan(state, standing, slot));
        bear(state, services, plans, setting_);
        state.population.insert(state.population.end(), state.born.begin(), state.born.end());
        state.population = survivors(std::move(state.population));
        close_generation(state, before, setting_);
        return state;
    }

private:
    Plan plan(const SearchState& state, std::span<const Standing> standing,
              std::size_t slot) const {
        const Operator& operation = operator_of(setting_, state, slot);
        const RandomKey key = selection_key(setting_, state, slot);
        Indices rest(state.population.size());
        std::iota(rest.begin(), rest.end(), std::size_t{0});
        const Indices everybody = rest;
        std::vector<Individual> parents;
        for (std::uint32_t i = 0; i < operation.parents(); ++i) {
            if (rest.empty()) rest = everybody;
            const std::size_t winner = tournament(key, 2 * i, rest, standing);
            parents.push_back(state.population[winner]);
            std::erase(rest, winner);
        }
        return make_plan(setting_, state, operation, std::move(parents));
    }

    /// Of two different ones, drawn with draws `draw` and `draw` + 1. A tie goes to the first.
    static std::size_t tournament(const RandomKey& key, std::uint32_t draw, const Indices& among,
                                  std::span<const Standing> standing) {
        const std::size_t first = random_below(key, draw, among.size());
        if (among.size() == 1) return among[first];
        const std::size_t step = 1 + random_below(key, draw + 1, among.size() - 1);
        const std::size_t second = (first + step) % among.size();
        return stands_before(standing[among[second]], standing[among[first]]) ? among[second]
                                                                              : among[first];
    }

    /// In the order of the first objective.
    std::vector<Individual> survivors(std::vector<Individual> all) const {
        const std::vector<Standing> standing = standings(all, setting_.objectives());
        Indices order(all.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
            if (stands_before(standing[a], standing[b])) return true;
            if (stands_before(standing[b], standing[a])) return false;
            return ranks_before(all[a], all[b], setting_.objectives());
        });
        order.resize(std::min(order.size(), setting_.population()));
        std::vector<Individual> kept;
        for (const std::size_t i : order) kept.push_back(std::move(all[i]));
        return best_of(std::move(kept), kept.size(), setting_.objectives());
    }

    Setting setting_;
};

}  // namespace

std::vector<Standing> standings(std::span<const Individual> individuals,
                                std::span<const Objective> objectives) {
    std::vector<std::vector<double>> points;
    Indices feasible;
    for (std::size_t i = 0; i < individuals.size(); ++i) {
        if (!individuals[i].feasible) continue;
        feasible.push_back(i);
        points.push_back(individuals[i].objectives);
    }
    const auto ranks = population::front_ranks(points, objectives);
    const std::size_t last = ranks.empty() ? 0 : std::ranges::max(ranks) + 1;
    std::vector<Standing> standing(individuals.size(), Standing{.front = last});
    std::vector<Indices> fronts(last);
    for (std::size_t k = 0; k < feasible.size(); ++k) {
        standing[feasible[k]].front = ranks[k];
        fronts[ranks[k]].push_back(feasible[k]);
    }
    for (const Indices& front : fronts)
        for (std::size_t objective = 0; objective < objectives.size(); ++objective)
            add_crowding(standing, front, objective, individuals);
    return standing;
}

bool stands_before(const Standing& a, const Standing& b) {
    return a.front != b.front ? a.front < b.front : a.crowding > b.crowding;
}

std::unique_ptr<Algorithm> make_nsga2(Setting setting) {
    return std::make_unique<Nsga2>(std::move(setting));
}

}  // namespace evoke::evolution
