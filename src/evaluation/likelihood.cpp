#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "evaluation/answer_kind.hpp"
#include "evaluation/token_requests.hpp"
#include "evoke/evaluation/render.hpp"

namespace evoke::evaluation {

namespace {

using population::Outcome;

const std::array<std::string, 2>& measure_names() {
    static const std::array<std::string, 2> names{"accuracy", "loss"};
    return names;
}

std::vector<std::string> continuations(const TaskOptions& options) {
    std::vector<std::string> texts;
    texts.reserve(options.labels.size());
    for (const std::string& label : options.labels) {
        texts.push_back((options.chat ? "" : options.delimiter) + label);
    }
    return texts;
}

/// Calls `visit(requests)` for each genome and example: one request per label.
template <class Visitor>
void for_each_question(const Questions& questions, Visitor&& visit) {
    const auto labels = continuations(questions.task.options());
    PromptEncoder encoder{questions.tokenizer};
    for (const population::Genome& genome : questions.genomes) {
        const Renderer renderer{questions.task, genome, questions.chat};
        for (const ExampleId example : questions.examples) {
            visit(encoder.score(renderer.show(example), labels));
        }
    }
}

QuestionCost cost_of(std::span<const lm::ScoreRequest> labels) {
    QuestionCost cost{.prompt = labels.front().context_length,
                      .shared = labels.front().prefix_length};
    for (const lm::ScoreRequest& label : labels) {
        cost.label += label.tokens.size() - label.context_length;
        cost.longest = std::max(cost.longest, label.tokens.size());
    }
    cost.prompt += cost.label;
    return cost;
}

/// −log of the right label's share of the labels' probability.
double label_loss(std::span<const double> logprobs, std::size_t right) {
    const double largest = *std::max_element(logprobs.begin(), logprobs.end());
    if (std::isinf(logprobs[right])) return std::numeric_limits<double>::infinity();
    double sum = 0;
    for (const double logprob : logprobs) sum += std::exp(logprob - largest);
    return std::log(sum) + largest - logprobs[right];
}

Outcome judge(std::span<const lm::ScoreResult> labels, const QuestionCost& cost, int right) {
    const bool overflow = std::any_of(labels.begin(), labels.end(), [](const auto& label) {
        return label.status == lm::RequestStatus::overflow;
    });
    if (overflow) return overflow_outcome(measure_names().size(), cost.prompt);
    std::vector<double> logprobs;
    logprobs.reserve(labels.size());
    for (const lm::ScoreResult& label : labels) {
        logprobs.push_back(sum_logprobs(label.token_logprobs));
    }
    // max_element takes the first of equals.
    const auto best = std::max_element(logprobs.begin(), logprobs.end()) - logprobs.begin();
    const double loss = label_loss(logprobs, static_cast<std::size_t>(right));
    Outcome outcome;
    outcome.values = {best == right ? 1.0F : 0.0F, static_cast<float>(loss)};
    outcome.prompt_tokens = static_cast<std::uint32_t>(cost.prompt);
    return outcome;
}

std::vector<Outcome> measure(const Questions& questions, lm::LanguageModel& model) {
    std::vector<lm::ScoreRequest> requests;
    std::vector<QuestionCost> costs;
    for_each_question(questions, [&](std::vector<lm::ScoreRequest> labels) {
        costs.push_back(cost_of(labels));
        std::move(labels.begin(), labels.end(), std::back_inserter(requests));
    });
    const std::vector<lm::ScoreResult> results = model.score(requests);

    const std::size_t labels = questions.task.options().labels.size();
    std::vector<Outcome> outcomes;
    outcomes.reserve(costs.size());
    for (std::size_t i = 0; i < costs.size(); ++i) {
        const ExampleId example = questions.examples[i % questions.examples.size()];
        const auto answers = std::span{results}.subspan(i * labels, labels);
        outcomes.push_back(judge(answers, costs[i], questions.task.example(example).label));
    }
    return outcomes;
}

std::vector<QuestionCost> cost(const Questions& questions) {
    std::vector<QuestionCost> costs;
    for_each_question(questions, [&](const std::vector<lm::ScoreRequest>& labels) {
        costs.push_back(cost_of(labels));
    });
    return costs;
}

}  // namespace

AnswerKind likelihood_kind() {
    return {.name = "likelihood", .measures = measure_names(), .measure = measure, .cost = cost};
}

}  // namespace evoke::evaluation
