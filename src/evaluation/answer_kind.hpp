#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/evaluation/task.hpp"
#include "evoke/lm/language_model.hpp"
#include "evoke/population/genome.hpp"
#include "evoke/population/outcome.hpp"
#include "evoke/text/chat_template.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::evaluation {

/// Genomes × examples of one task, and how they are shown.
struct Questions {
    const Task& task;
    const text::Tokenizer& tokenizer;
    const text::ChatTemplate* chat = nullptr;
    std::span<const population::Genome> genomes;
    std::span<const ExampleId> examples;
};

/// Ids that one genome on one example takes.
struct QuestionCost {
    std::size_t prompt = 0;     ///< as Outcome::prompt_tokens
    std::size_t label = 0;      ///< the part of it that is labels or the target
    std::size_t shared = 0;     ///< the part that all examples of the genome share
    std::size_t longest = 0;    ///< the longest single request
    std::size_t generated = 0;  ///< at most
};

/// A value of TaskOptions::answer. A new one is one source and one line in answer_kind.cpp.
struct AnswerKind {
    std::string_view name;
    bool reads_data = true;
    std::span<const std::string> measures;
    /// Asks `model` everything in one call. Outcomes genome by genome, `seconds` unset.
    std::vector<population::Outcome> (*measure)(const Questions&, lm::LanguageModel& model);
    /// Genome by genome, as `measure` orders them.
    std::vector<QuestionCost> (*cost)(const Questions&);
};

/// nullptr: there is no such kind.
[[nodiscard]] const AnswerKind* find_answer_kind(std::string_view name);
/// "likelihood, generated or target", for messages.
[[nodiscard]] std::string answer_kind_names();

[[nodiscard]] AnswerKind likelihood_kind();
[[nodiscard]] AnswerKind generated_kind();
[[nodiscard]] AnswerKind target_kind();

/// Values of an example on which the prompt did not fit: NaN throughout.
[[nodiscard]] population::Outcome overflow_outcome(std::size_t measures, std::size_t prompt_tokens);

/// Sum of log-probabilities, added in order in double. Throws EnvironmentError for NaN.
[[nodiscard]] double sum_logprobs(std::span<const float> logprobs);

}  // namespace evoke::evaluation
