#pragma once

#include <optional>
#include <vector>

#include "evoke/evaluation/task.hpp"
#include "evoke/lm/language_model.hpp"
#include "evoke/population/wire.hpp"
#include "evoke/text/chat_template.hpp"

namespace evoke::evaluation {

/// Turns units into requests to a replica, and its answers into results. One per rank; knows
/// nothing of evolution or MPI.
class Evaluator {
public:
    /// `proposer` answers AskUnits; it may be `model` itself. References must outlive this.
    Evaluator(const Task& task, lm::LanguageModel& model, lm::LanguageModel& proposer,
              std::optional<text::ChatTemplate> chat,
              std::optional<text::ChatTemplate> proposer_chat);

    /// Outcomes depend on the unit alone. Throws EnvironmentError when the machine fails.
    [[nodiscard]] population::UnitResult run(const population::Unit& unit);

private:
    population::EvaluateResult evaluate(const population::EvaluateUnit& unit);
    population::Reply ask(const population::AskUnit& unit);
    population::Reply continue_tokens(const population::ContinueUnit& unit);

    const Task& task_;
    lm::LanguageModel& model_;
    lm::LanguageModel& proposer_;
    std::optional<text::ChatTemplate> chat_;
    std::optional<text::ChatTemplate> proposer_chat_;
};

/// Reads a generated answer. Returns the label or text; nullopt: nothing could be read.
[[nodiscard]] std::optional<std::string> extract_answer(const TaskOptions& options,
                                                        std::string_view generated);

}  // namespace evoke::evaluation
