#pragma once

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

/// A text that an operator read from the model's answer, or why there is none.
struct Parsed {
    population::Verdict verdict = population::Verdict::accepted;
    std::string instruction;
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
};

/// Makes a genome from genomes. Either asks the model (meta_prompt, then parse) or needs no model
/// (edit). Stateless: everything random comes from the key.
class Operator {
public:
    virtual ~Operator() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::size_t parents() const = 0;

    /// nullopt: this operator edits without a model.
    [[nodiscard]] virtual std::optional<MetaPrompt> meta_prompt(
        std::span<const population::Individual> parents, const RandomKey& key) const = 0;
    /// Reads the answer to meta_prompt; the key is the one it was made with.
    [[nodiscard]] virtual Parsed parse(const Reply& reply) const = 0;
    /// The child's genome: `text` is what parse read; empty for edit operators.
    [[nodiscard]] virtual population::Genome make(std::span<const population::Individual> parents,
                                                  std::string_view text,
                                                  const RandomKey& key) const = 0;
};

/// Names of all operators, in the order of documentation.
[[nodiscard]] std::span<const std::string_view> operator_names();

/// The job's operators, in its order. Throws InputError: an unknown name, or a broken template
/// file.
[[nodiscard]] std::vector<std::unique_ptr<const Operator>> make_operators(
    const SearchOptions& options, const std::filesystem::path& base, TaskSketch task);

}  // namespace evoke::evolution
