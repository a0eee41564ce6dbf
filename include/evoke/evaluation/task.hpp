#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/core/hash.hpp"
#include "evoke/core/ids.hpp"
#include "evoke/evaluation/options.hpp"
#include "evoke/population/block.hpp"

namespace evoke::evaluation {

struct Example {
    std::string input;
    std::string output;  ///< the right answer as text; for labels, the label's name
    int label = -1;      ///< index into TaskOptions::labels, or -1
};

/// Number of the block that is the whole dev or test set.
inline constexpr std::uint32_t whole_block = 0xffffffff;

/// Examples, how they are shown, and what is measured. Loaded on every rank; immutable.
class Task {
public:
    /// Reads the data and draws the splits (docs of TaskOptions). `base` is what relative paths
    /// start from. answer = "target" reads no file: its one example is the target.
    /// Throws InputError with every mistake in options and data (bad lines with their numbers).
    [[nodiscard]] static Task load(const TaskOptions& options, const std::filesystem::path& base,
                                   std::uint64_t seed);

    [[nodiscard]] const TaskOptions& options() const { return options_; }
    [[nodiscard]] const Example& example(ExampleId id) const { return examples_.at(id.value); }
    /// Each in ascending order of ids. No input stands in two of them.
    [[nodiscard]] std::span<const ExampleId> dev() const { return dev_; }
    [[nodiscard]] std::span<const ExampleId> test() const { return test_; }
    [[nodiscard]] std::span<const ExampleId> demonstrations() const { return demonstrations_; }
    /// Dev, divided at random into options().blocks blocks of sizes that differ by one at most,
    /// each in ascending order of ids.
    [[nodiscard]] std::span<const population::Block> blocks() const { return blocks_; }
    /// All of dev as one block (number whole_block).
    [[nodiscard]] population::Block whole_dev() const;
    [[nodiscard]] population::Block whole_test() const;

    /// Measures of one outcome, in the order of Outcome::values. likelihood: accuracy, loss;
    /// generated: accuracy; target: weighted_loss, target_loss, fluency.
    [[nodiscard]] std::span<const std::string> measures() const { return measures_; }
    /// measures(), then prompt_tokens and generated_tokens: what an objective can name.
    [[nodiscard]] std::vector<std::string> measure_names() const;

    /// answer = "target": what the model shall write after a prompt, delimiter included. The
    /// delimiter is left out before a target that starts with white space.
    [[nodiscard]] std::string target_text() const;

    /// Names data, splits, template, measures and generation settings: everything here that
    /// decides an outcome. Paths are no part of it.
    [[nodiscard]] Sha256 identity() const { return identity_; }

private:
    Task() = default;

    TaskOptions options_;
    std::vector<Example> examples_;
    std::vector<ExampleId> dev_, test_, demonstrations_;
    std::vector<population::Block> blocks_;
    std::vector<std::string> measures_;
    Sha256 identity_{};
};

/// The mistakes that options alone show (no data is read): template without {input}, labels
/// missing, a regular expression that does not compile, … Types, ranges and choices are the
/// business of whoever reads the rows.
[[nodiscard]] Diagnostics validate(const TaskOptions& options);

}  // namespace evoke::evaluation
