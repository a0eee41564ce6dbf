#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/evolution/operators.hpp"
#include "evoke/evolution/options.hpp"
#include "evoke/evolution/services.hpp"
#include "evoke/population/state.hpp"

namespace evoke::evolution {

/// What a search is about, fixed for the whole run.
struct Problem {
    std::uint64_t seed = 0;
    std::vector<population::Objective> objectives;
    std::vector<std::string> measures;  ///< of the task, as Outcome::values holds them
    population::Block dev;              ///< the whole dev set
    std::vector<population::Genome> initial;
    TaskSketch sketch;
    std::string target;          ///< target-search: what the model shall continue with
    std::filesystem::path base;  ///< what relative paths of SearchOptions start from
};

/// One published search method. Holds options, never state: a state goes in, the next comes out.
class Algorithm {
public:
    virtual ~Algorithm() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    /// Generation 0: all initial genomes measured, the best kept.
    [[nodiscard]] virtual population::SearchState start(Services& services) const = 0;
    /// The next generation. Reads like the paper's pseudo-code.
    [[nodiscard]] virtual population::SearchState step(population::SearchState state,
                                                       Services& services) const = 0;
};

/// Names of all algorithms, in the order of documentation.
[[nodiscard]] std::span<const std::string_view> algorithm_names();

/// The mistakes that options alone show. Operators and their files are checked by make_operators.
[[nodiscard]] Diagnostics validate(const SearchOptions& options);

/// Throws InputError with every option that the algorithm cannot accept.
[[nodiscard]] std::unique_ptr<Algorithm> make_algorithm(const SearchOptions& options,
                                                        Problem problem);

}  // namespace evoke::evolution
