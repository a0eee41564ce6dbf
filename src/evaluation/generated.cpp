#include <array>
#include <utility>

#include "evaluation/answer_kind.hpp"
#include "evaluation/answer_reader.hpp"
#include "evaluation/token_requests.hpp"
#include "evoke/core/hash.hpp"
#include "evoke/evaluation/render.hpp"

namespace evoke::evaluation {

namespace {

using population::Outcome;
using population::OutcomeStatus;

const std::array<std::string, 1>& measure_names() {
    static const std::array<std::string, 1> names{"accuracy"};
    return names;
}

/// From the content of genome and example alone, so that a cached outcome is the outcome: the
/// run's seed is no part of it.
RandomKey sampling_key(const ContentHash& genome, const Example& example) {
    const ContentHash hash =
        ContentHasher{}.field(genome).field(example.input).field(example.output).finish();
    return {.seed = 0,
            .purpose = Purpose::evaluation,
            .generation = static_cast<std::uint32_t>(hash.high >> 32U),
            .slot = static_cast<std::uint32_t>(hash.high),
            .attempt = static_cast<std::uint32_t>(hash.low >> 32U)};
}

std::vector<lm::GenerateRequest> requests_for(const Questions& questions) {
    const TaskOptions& options = questions.task.options();
    PromptEncoder encoder{questions.tokenizer};
    std::vector<lm::GenerateRequest> requests;
    requests.reserve(questions.genomes.size() * questions.examples.size());
    for (const population::Genome& genome : questions.genomes) {
        const Renderer renderer{questions.task, genome, questions.chat};
        const ContentHash hash = population::content_hash(genome);
        for (const ExampleId id : questions.examples) {
            PromptTokens prompt = encoder.prompt(renderer.show(id));
            requests.push_back({.prompt = std::move(prompt.ids),
                                .prefix_length = prompt.shared,
                                .max_tokens = static_cast<std::uint32_t>(options.max_tokens),
                                .stop = options.stop,
                                .sampling = {.temperature = options.temperature},
                                .key = sampling_key(hash, questions.task.example(id))});
        }
    }
    return requests;
}

Outcome judge(const AnswerReader& reader, const lm::GenerateRequest& request,
              const lm::GenerateResult& result, const Example& example) {
    if (result.status == lm::RequestStatus::overflow) {
        return overflow_outcome(measure_names().size(), request.prompt.size());
    }
    const auto answer = reader.read(result.text);
    Outcome outcome;
    outcome.values = {answer && reader.right(*answer, example) ? 1.0F : 0.0F};
    outcome.status = answer ? OutcomeStatus::ok : OutcomeStatus::unparsed;
    outcome.prompt_tokens = static_cast<std::uint32_t>(request.prompt.size());
    outcome.generated_tokens = static_cast<std::uint32_t>(result.tokens.size());
    return outcome;
}

std::vector<Outcome> measure(const Questions& questions, lm::LanguageModel& model) {
    const auto requests = requests_for(questions);
    const auto results = model.generate(requests);
    const AnswerReader reader{questions.task.options()};
    std::vector<Outcome> outcomes;
    outcomes.reserve(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const ExampleId id = questions.examples[i % questions.examples.size()];
        outcomes.push_back(judge(reader, requests[i], results[i], questions.task.example(id)));
    }
    return outcomes;
}

std::vector<QuestionCost> cost(const Questions& questions) {
    std::vector<QuestionCost> costs;
    for (const lm::GenerateRequest& request : requests_for(questions)) {
        costs.push_back({.prompt = request.prompt.size(),
                         .shared = request.prefix_length,
                         .longest = request.prompt.size(),
                         .generated = request.max_tokens});
    }
    return costs;
}

}  // namespace

AnswerKind generated_kind() {
    return {.name = "generated", .measures = measure_names(), .measure = measure, .cost = cost};
}

}  // namespace evoke::evaluation
