#include "evoke/evaluation/evaluator.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "evaluation/answer_kind.hpp"
#include "evaluation/token_requests.hpp"
#include "evoke/core/error.hpp"

namespace evoke::evaluation {

namespace {

using population::Reply;

const Clock& steady_clock() {
    static const SteadyClock clock;
    return clock;
}

const text::ChatTemplate* get(const std::optional<text::ChatTemplate>& chat) {
    return chat ? &*chat : nullptr;
}

Reply generate_one(lm::LanguageModel& model, lm::GenerateRequest request) {
    const std::array requests{std::move(request)};
    std::vector<lm::GenerateResult> results = model.generate(requests);
    lm::GenerateResult& result = results.at(0);
    Reply reply;
    reply.truncated =
        result.status != lm::RequestStatus::ok || result.finish_reason != lm::FinishReason::stop;
    reply.prompt_tokens = static_cast<std::uint32_t>(requests[0].prompt.size());
    reply.generated_tokens = static_cast<std::uint32_t>(result.tokens.size());
    reply.text = std::move(result.text);
    reply.tokens = std::move(result.tokens);
    return reply;
}

}  // namespace

Evaluator::Evaluator(const Task& task, lm::LanguageModel& model, lm::LanguageModel& proposer,
                     std::optional<text::ChatTemplate> chat,
                     std::optional<text::ChatTemplate> proposer_chat, const Clock* clock)
    : task_{task},
      model_{model},
      proposer_{proposer},
      chat_{std::move(chat)},
      proposer_chat_{std::move(proposer_chat)},
      clock_{clock == nullptr ? &steady_clock() : clock} {
    if (task.options().chat && !chat_) {
        throw InputError{Diagnostic{.what = "task.chat",
                                    .expected = "a model with a chat template",
                                    .found = "one without"}};
    }
}

population::UnitResult Evaluator::run(const population::Unit& unit) {
    if (const auto* evaluation = std::get_if<population::EvaluateUnit>(&unit)) {
        return evaluate(*evaluation);
    }
    if (const auto* question = std::get_if<population::AskUnit>(&unit)) return ask(*question);
    return continue_tokens(std::get<population::ContinueUnit>(unit));
}

population::EvaluateResult Evaluator::evaluate(const population::EvaluateUnit& unit) {
    const TimePoint start = clock_->now();
    const Questions questions{.task = task_,
                              .tokenizer = model_.tokenizer(),
                              .chat = task_.options().chat ? get(chat_) : nullptr,
                              .genomes = unit.genomes,
                              .examples = unit.examples};
    population::EvaluateResult result{
        find_answer_kind(task_.options().answer)->measure(questions, model_)};
    const double share = seconds(clock_->now() - start) /
                         static_cast<double>(std::max<std::size_t>(1, result.outcomes.size()));
    for (population::Outcome& outcome : result.outcomes) {
        outcome.seconds = static_cast<float>(share);
    }
    return result;
}

Reply Evaluator::ask(const population::AskUnit& unit) {
    RenderedPrompt prompt{.shared = "", .rest = unit.prompt};
    if (unit.chat) {
        if (!proposer_chat_) {
            throw InputError{Diagnostic{.what = "search.chat",
                                        .expected = "a proposing model with a chat template",
                                        .found = "one without"}};
        }
        const std::array messages{text::Message{.role = "user", .content = unit.prompt}};
        prompt = {.rest = proposer_chat_->render(messages, true), .add_special_tokens = false};
    }
    PromptEncoder encoder{proposer_.tokenizer()};
    // A unit is all that a worker sees of it: it declares no text that others share.
    return generate_one(proposer_,
                        {.prompt = encoder.prompt(prompt).ids,
                         .max_tokens = unit.max_tokens,
                         .stop = unit.stop,
                         .sampling = {.temperature = unit.temperature, .top_p = unit.top_p},
                         .key = unit.key});
}

Reply Evaluator::continue_tokens(const population::ContinueUnit& unit) {
    Tokens prompt = leading_tokens(model_.tokenizer());
    prompt.insert(prompt.end(), unit.tokens.begin(), unit.tokens.end());
    if (prompt.empty()) prompt.push_back(start_token(model_.tokenizer()));
    return generate_one(model_, {.prompt = std::move(prompt), .max_tokens = unit.max_tokens});
}

}  // namespace evoke::evaluation
