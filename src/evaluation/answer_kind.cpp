#include "evaluation/answer_kind.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "evoke/core/error.hpp"

namespace evoke::evaluation {

namespace {

std::span<const AnswerKind> kinds() {
    static const std::array all{likelihood_kind(), generated_kind(), target_kind()};
    return all;
}

}  // namespace

const AnswerKind* find_answer_kind(std::string_view name) {
    for (const AnswerKind& kind : kinds()) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

std::string answer_kind_names() {
    std::string names;
    for (std::size_t i = 0; i < kinds().size(); ++i) {
        const bool last = i + 1 == kinds().size();
        names += (i == 0 ? "" : last ? " or " : ", ") + std::string{kinds()[i].name};
    }
    return names;
}

population::Outcome overflow_outcome(std::size_t measures, std::size_t prompt_tokens) {
    population::Outcome outcome;
    outcome.values.assign(measures, std::numeric_limits<float>::quiet_NaN());
    outcome.status = population::OutcomeStatus::overflow;
    outcome.prompt_tokens = static_cast<std::uint32_t>(prompt_tokens);
    return outcome;
}

double sum_logprobs(std::span<const float> logprobs) {
    double sum = 0;
    for (const float logprob : logprobs) sum += static_cast<double>(logprob);
    if (std::isnan(sum)) {
        throw EnvironmentError{
            "the model answered NaN instead of a probability; a dtype of wider range may help"};
    }
    return sum;
}

}  // namespace evoke::evaluation
