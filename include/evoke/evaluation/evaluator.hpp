#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "evoke/core/clock.hpp"
#include "evoke/evaluation/task.hpp"
#include "evoke/lm/language_model.hpp"
#include "evoke/population/wire.hpp"
#include "evoke/text/chat_template.hpp"

namespace evoke::evaluation {

/// Turns units into requests to a replica, and its answers into results. One per rank; knows
/// nothing of evolution or MPI. What is asked and how answers are read: docs/evaluation.md.
class Evaluator {
public:
    /// `proposer` answers AskUnits; it may be `model` itself. References must outlive this.
    /// `clock` (nullptr: the steady clock) measures Outcome::seconds.
    /// Throws InputError when the task wants chat and `chat` is empty.
    Evaluator(const Task& task, lm::LanguageModel& model, lm::LanguageModel& proposer,
              std::optional<text::ChatTemplate> chat,
              std::optional<text::ChatTemplate> proposer_chat, const Clock* clock = nullptr);

    /// One call of the model for the whole unit. Results depend on the unit alone, seconds aside.
    /// Throws EnvironmentError when the machine fails or the model answers NaN, InputError when a
    /// chat template refuses or an AskUnit wants one that the proposer does not have.
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
    const Clock* clock_;
};

/// Reads a generated answer. Returns the label's name (tasks with labels) or the text; nullopt:
/// nothing could be read.
/// With `extract`: the last match of the expression, of that its first group that took part, white
/// space trimmed; a task with labels looks for a label in that text. Only the last 4,096 bytes of
/// the answer are searched. Without: the label that occurs first as a whole word, upper or lower
/// case (of several at one place the longest), or, without labels, the whole answer trimmed.
/// Requires: options.extract compiles (validate).
[[nodiscard]] std::optional<std::string> extract_answer(const TaskOptions& options,
                                                        std::string_view generated);

/// Whether two answers are the same: equal once trimmed, or equal as numbers (18 = 18.0 = $18.00,
/// 1,800 = 1800).
[[nodiscard]] bool same_answer(std::string_view a, std::string_view b);

}  // namespace evoke::evaluation
