#include "evoke/population/individual.hpp"

#include <tuple>

#include "population/same_number.hpp"

namespace evoke::population {

bool operator==(const Individual& a, const Individual& b) {
    const auto exact = [](const Individual& x) {
        return std::tie(x.id, x.genome, x.parents, x.operation, x.generation, x.slot, x.attempt,
                        x.feasible);
    };
    return exact(a) == exact(b) && same_numbers(a.objectives, b.objectives) &&
           same_numbers(a.measures, b.measures);
}

}  // namespace evoke::population
