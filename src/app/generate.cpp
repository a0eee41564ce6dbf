#include <array>

#include "app/answer_requests.hpp"
#include "app/messages.hpp"
#include "app/setup.hpp"
#include "evoke/core/format.hpp"
#include "evoke/lm/requests.hpp"

namespace evoke::app {

namespace {

constexpr std::array<std::string_view, 14> known_fields{
    "id",   "prompt",      "messages", "prefix", "prompt_ids", "prefix_ids",         "max_tokens",
    "stop", "temperature", "top_p",    "top_k",  "min_p",      "repetition_penalty", "seed"};

lm::PromptIds prompt_of(const Json& line, const text::Tokenizer& tokenizer,
                        const std::optional<text::ChatTemplate>& chat) {
    const auto size = tokenizer.vocabulary_size();
    if (const auto ids = ids_field(line, "prompt_ids", size)) {
        lm::PromptIds prompt;
        prompt.ids = ids_field(line, "prefix_ids", size).value_or(std::vector<TokenId>{});
        prompt.prefix_length = prompt.ids.size();
        prompt.ids.insert(prompt.ids.end(), ids->begin(), ids->end());
        if (ids->empty()) throw BadLine{"\"prompt_ids\": expected at least one id"};
        return prompt;
    }
    const auto prefix = text_field(line, "prefix").value_or("");
    if (line.contains("messages")) {
        if (!chat) throw BadLine{"\"messages\": the model has no chat template; give \"prompt\""};
        const auto messages = messages_of(line);
        try {
            return lm::prompt_ids(tokenizer, "", prefix + chat->render(messages, true), false);
        } catch (const InputError& refusal) {
            throw BadLine{refusal.what()};
        }
    }
    return lm::prompt_ids(tokenizer, prefix, required_text(line, "prompt"), true);
}

lm::GenerateRequest request_of(const Json& line, const text::Tokenizer& tokenizer,
                               const std::optional<text::ChatTemplate>& chat) {
    allow_only(line, known_fields);
    auto prompt = prompt_of(line, tokenizer, chat);
    if (prompt.ids.empty()) throw BadLine{"\"prompt\": expected at least one token, found none"};
    const auto in_range = [&](const char* name, double fallback, double low, double high) {
        const double value = number_field(line, name, fallback);
        if (value >= low && value <= high) return value;
        throw BadLine{
            format("\"{}\": expected a number from {} to {}, found {}", name, low, high, value)};
    };
    lm::GenerateRequest request;
    request.prompt = std::move(prompt.ids);
    request.prefix_length = prompt.prefix_length;
    request.max_tokens = static_cast<std::uint32_t>(in_range("max_tokens", 64, 1, 1e6));
    request.stop = texts_field(line, "stop");
    request.sampling.temperature = in_range("temperature", 0, 0, 100);
    request.sampling.top_p = in_range("top_p", 1, 0, 1);
    request.sampling.top_k = static_cast<int>(in_range("top_k", 0, 0, 1e9));
    request.sampling.min_p = in_range("min_p", 0, 0, 1);
    request.sampling.repetition_penalty = in_range("repetition_penalty", 1, 0.01, 100);
    request.key = {.seed = static_cast<std::uint64_t>(in_range("seed", 0, 0, 9e15)),
                   .purpose = Purpose::evaluation};
    return request;
}

Json answer_of(const Json& line, const lm::GenerateRequest& request,
               const lm::GenerateResult& result, std::size_t context_length) {
    if (result.status == lm::RequestStatus::overflow) {
        Json answer = too_long(line, request.prompt.size(), context_length);
        answer["finish_reason"] = "error";
        return answer;
    }
    Json answer = answer_to(line);
    answer["text"] = result.text;
    answer["tokens"] = result.tokens;
    answer["finish_reason"] = result.finish_reason == lm::FinishReason::stop ? "stop" : "length";
    return answer;
}

}  // namespace

ExitCode generate(const LinesArguments& arguments) {
    const auto model = lm::load_model(placed(arguments.model, {}));
    const auto chat = text::load_chat_template(arguments.model.path);
    return answer_requests(
        arguments, [&](const Json& line) { return request_of(line, model->tokenizer(), chat); },
        [&](const auto& requests) { return model->generate(requests); },
        [&](const Json& line, const auto& request, const auto& result) {
            return answer_of(line, request, result, model->info().context_length);
        });
}

}  // namespace evoke::app
