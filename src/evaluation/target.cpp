#include <array>
#include <utility>

#include "evaluation/answer_kind.hpp"
#include "evaluation/token_requests.hpp"

namespace evoke::evaluation {

namespace {

using population::Outcome;

const std::array<std::string, 3>& measure_names() {
    static const std::array<std::string, 3> names{"weighted_loss", "target_loss", "fluency"};
    return names;
}

/// One per genome and example; every example is the target.
std::vector<TargetRequest> requests_for(const Questions& questions) {
    const std::string target = questions.task.target_text();
    std::vector<TargetRequest> requests;
    requests.reserve(questions.genomes.size() * questions.examples.size());
    for (const population::Genome& genome : questions.genomes) {
        const TargetRequest request = target_request(questions.tokenizer, genome, target);
        requests.insert(requests.end(), questions.examples.size(), request);
    }
    return requests;
}

/// −log p per token; 0 of no tokens.
double mean_loss(std::span<const float> logprobs) {
    if (logprobs.empty()) return 0;
    return -sum_logprobs(logprobs) / static_cast<double>(logprobs.size());
}

Outcome judge(const TargetRequest& asked, const lm::ScoreResult& result, double fluency_weight) {
    const std::size_t ids = asked.request.tokens.size();
    if (result.status == lm::RequestStatus::overflow) {
        return overflow_outcome(measure_names().size(), ids);
    }
    const std::span<const float> logprobs{result.token_logprobs};
    const double target_loss = mean_loss(logprobs.last(asked.target_length));
    const double fluency = mean_loss(logprobs.first(asked.prompt_scored));
    Outcome outcome;
    outcome.values = {static_cast<float>(target_loss + fluency_weight * fluency),
                      static_cast<float>(target_loss), static_cast<float>(fluency)};
    outcome.prompt_tokens = static_cast<std::uint32_t>(ids);
    return outcome;
}

std::vector<Outcome> measure(const Questions& questions, lm::LanguageModel& model) {
    const auto asked = requests_for(questions);
    std::vector<lm::ScoreRequest> requests;
    requests.reserve(asked.size());
    for (const TargetRequest& one : asked) requests.push_back(one.request);
    const auto results = model.score(requests);
    std::vector<Outcome> outcomes;
    outcomes.reserve(asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
        outcomes.push_back(judge(asked[i], results[i], questions.task.options().fluency_weight));
    }
    return outcomes;
}

std::vector<QuestionCost> cost(const Questions& questions) {
    std::vector<QuestionCost> costs;
    for (const TargetRequest& one : requests_for(questions)) {
        const std::size_t ids = one.request.tokens.size();
        costs.push_back({.prompt = ids, .label = one.target_length, .longest = ids});
    }
    return costs;
}

}  // namespace

AnswerKind target_kind() {
    return {.name = "target",
            .reads_data = false,
            .measures = measure_names(),
            .measure = measure,
            .cost = cost};
}

}  // namespace evoke::evaluation
