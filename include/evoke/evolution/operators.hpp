#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/core/random.hpp"
#include "evoke/evolution/options.hpp"
#include "evoke/evolution/services.hpp"
#include "evoke/population/individual.hpp"
#include "evoke/population/proposal.hpp"

namespace evoke::evolution {

class Operator;

/// An operator with its parents: what fills one slot.
struct Plan {
    const Operator* operation = nullptr;
    std::vector<population::Individual> parents;  ///< operation->parents() of them
    /// Dev examples that the first parent got wrong, as far as they are known, by id.
    std::vector<ExampleId> mistakes;
};

/// A text that an operator read from the model's answer, or why there is none.
struct Parsed {
    population::Verdict verdict = population::Verdict::accepted;
    std::string instruction;

    friend bool operator==(const Parsed&, const Parsed&) = default;
};

/// What operators may know of the task, as texts: shown in meta-prompts.
struct TaskSketch {
    struct Pair {
        std::string input;
        std::string output;
    };
    std::vector<std::string> labels;
    std::vector<Pair> demonstrations;          ///< of the demonstration split
    std::vector<ExampleId> demonstration_ids;  ///< the same, as ids
    /// Dev examples, for operators that show a prompt's mistakes; without them these operators show
    /// demonstrations instead.
    std::map<ExampleId, Pair> dev;
};

/// Makes a genome from genomes. Either asks the model (meta_prompt, then parse, then make) or needs
/// no model (make). Stateless: everything random comes from the key, whose purpose an operator may
/// replace.
class Operator {
public:
    virtual ~Operator() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    /// How many parents a plan must give.
    [[nodiscard]] virtual std::size_t parents() const = 0;

    /// nullopt: this operator edits without a model.
    [[nodiscard]] virtual std::optional<MetaPrompt> meta_prompt(const Plan& plan,
                                                                const RandomKey& key) const = 0;
    [[nodiscard]] virtual Parsed parse(const Reply& reply) const = 0;
    /// The child's genome: `text` is what parse read; empty for edit operators. The plan and the
    /// key are those of meta_prompt.
    [[nodiscard]] virtual population::Genome make(const Plan& plan, std::string_view text,
                                                  const RandomKey& key) const = 0;
};

/// Names of all operators, in the order of documentation.
[[nodiscard]] std::span<const std::string_view> operator_names();

/// The built-in meta-prompt of an operator; empty for operators that have none.
[[nodiscard]] std::string_view builtin_meta_prompt(std::string_view operator_name);

/// The job's operators, in its order. Throws InputError with every mistake: unknown names, broken
/// template files, demonstrations that the task does not have.
[[nodiscard]] std::vector<std::unique_ptr<const Operator>> make_operators(
    const SearchOptions& options, const std::filesystem::path& base, TaskSketch task);

}  // namespace evoke::evolution
