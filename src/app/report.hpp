#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evoke/checkpoint/generation_file.hpp"
#include "evoke/evaluation/statistics.hpp"
#include "evoke/population/individual.hpp"

namespace evoke::app {

using Json = nlohmann::ordered_json;

/// A measure by name, one of record.measures; nullopt: unknown, or never measured.
[[nodiscard]] std::optional<double> measure_of(const checkpoint::GenerationRecord& record,
                                               const population::Individual& individual,
                                               const std::string& measure);

/// Test results of an individual, one per task measure and one for generated_tokens; empty when no
/// test was taken.
struct TestMeasure {
    std::string name;
    evaluation::Interval interval;
};
[[nodiscard]] std::vector<TestMeasure> test_measures(const checkpoint::GenerationRecord& record,
                                                     const population::Individual& individual);

/// The non-dominated individuals ever evaluated on the whole dev set.
[[nodiscard]] std::span<const population::Individual> front_of(
    const checkpoint::GenerationRecord& record);
/// Best of the first population.
[[nodiscard]] const population::Individual& baseline_of(const checkpoint::GenerationRecord& record);
/// Index into front_of of the automatic balance (docs: the knee of the front).
[[nodiscard]] std::size_t suggested_index(const checkpoint::GenerationRecord& record);

/// Indices into front_of, best in the first objective first.
[[nodiscard]] std::vector<std::size_t> display_order(const checkpoint::GenerationRecord& record);

/// {"baseline": P, "front": [P, …]} of design section 8.
[[nodiscard]] Json best_json(const checkpoint::GenerationRecord& record);

/// The schema shared by `evoke status --format json` and summary.json.
/// `state`: running, stopped or finished.
[[nodiscard]] Json summary_json(const checkpoint::GenerationRecord& record,
                                const std::string& state);

/// The front as a table for a person, one line for all prompts with equal objectives, the suggested
/// balance marked.
[[nodiscard]] std::string front_text(const checkpoint::GenerationRecord& record);

/// "0.620", "12", "12.4": short, by what the measure counts.
[[nodiscard]] std::string number_text(double value);

}  // namespace evoke::app
