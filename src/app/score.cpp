#include <algorithm>
#include <array>

#include "app/answer_requests.hpp"
#include "app/score_masks.hpp"
#include "app/setup.hpp"
#include "evoke/lm/requests.hpp"

namespace evoke::app {

namespace {

constexpr std::array<std::string_view, 7> known_fields{
    "id", "prefix", "context", "continuation", "prefix_ids", "context_ids", "continuation_ids"};

/// Texts or ids; ids stand for themselves, so nothing is split anew.
lm::ScoreRequest request_of(const Json& line, const text::Tokenizer& tokenizer) {
    allow_only(line, known_fields);
    const auto size = tokenizer.vocabulary_size();
    const auto continuation_ids = ids_field(line, "continuation_ids", size);
    const auto context_ids = ids_field(line, "context_ids", size);
    if (continuation_ids.has_value() != context_ids.has_value()) {
        throw BadLine{"\"context_ids\" and \"continuation_ids\": expected both or neither"};
    }
    if (!continuation_ids) {
        const auto prefix = text_field(line, "prefix").value_or("");
        const auto context = required_text(line, "context");
        const auto continuation = required_text(line, "continuation");
        if (continuation.empty()) throw BadLine{"\"continuation\": expected a text, found \"\""};
        try {
            return lm::score_request(tokenizer, {prefix, context, continuation});
        } catch (const InputError& mistake) {
            throw BadLine{mistake.what()};
        }
    }
    lm::ScoreRequest request;
    request.tokens = ids_field(line, "prefix_ids", size).value_or(std::vector<TokenId>{});
    request.prefix_length = request.tokens.size();
    request.tokens.insert(request.tokens.end(), context_ids->begin(), context_ids->end());
    request.context_length = request.tokens.size();
    request.tokens.insert(request.tokens.end(), continuation_ids->begin(), continuation_ids->end());
    if (request.context_length == 0 || continuation_ids->empty()) {
        throw BadLine{"expected at least one id of context and of continuation"};
    }
    return request;
}

Json answer_of(const Json& line, const lm::ScoreRequest& request, const lm::ScoreResult& result,
               std::size_t context_length) {
    if (result.status == lm::RequestStatus::overflow)
        return too_long(line, request.tokens.size(), context_length);
    Json answer = answer_to(line);
    answer["logprob"] = result.logprob();
    answer["token_logprobs"] = result.token_logprobs;
    const auto scored =
        request.tokens.begin() + static_cast<std::ptrdiff_t>(request.context_length);
    answer["tokens"] = std::vector<TokenId>(scored, request.tokens.end());
    answer["greedy"] = result.greedy;
    return answer;
}

ExitCode score_continuations(lm::LanguageModel& model, const LinesArguments& arguments) {
    return answer_requests(
        arguments, [&](const Json& line) { return request_of(line, model.tokenizer()); },
        [&](const auto& requests) { return model.score(requests); },
        [&](const Json& line, const auto& request, const auto& result) {
            return answer_of(line, request, result, model.info().context_length);
        });
}

}  // namespace

ExitCode score(const LinesArguments& arguments) {
    const auto model = lm::load_model(placed(arguments.model, {}));
    return model->info().masked ? score_masks(*model, arguments)
                                : score_continuations(*model, arguments);
}

}  // namespace evoke::app
