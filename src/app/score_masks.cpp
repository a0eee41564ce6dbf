#include "app/score_masks.hpp"

#include <array>

#include "app/answer_requests.hpp"
#include "evoke/core/format.hpp"

namespace evoke::app {

namespace {

constexpr std::array<std::string_view, 4> known_fields{"id", "text", "text_ids", "candidates"};

/// Words that are one token each, or ids.
std::vector<TokenId> candidates_of(const Json& line, const text::Tokenizer& tokenizer) {
    if (!line.contains("candidates") || !line["candidates"].is_array() ||
        line["candidates"].empty())
        throw BadLine{"\"candidates\": expected a list of words or token ids"};
    std::vector<TokenId> ids;
    for (const Json& item : line["candidates"]) {
        if (item.is_string()) {
            const auto word = tokenizer.encode(item.get<std::string>(), false);
            if (word.size() != 1)
                throw BadLine{
                    format("\"candidates\": expected words of one token, found {} tokens in {}",
                           word.size(), item.dump())};
            ids.push_back(word.front());
        } else if (item.is_number_unsigned() &&
                   item.get<std::uint64_t>() < tokenizer.vocabulary_size()) {
            ids.push_back(item.get<TokenId>());
        } else {
            throw BadLine{format("\"candidates\": expected words or ids below {}, found {}",
                                 tokenizer.vocabulary_size(), item.dump())};
        }
    }
    return ids;
}

lm::MaskedRequest request_of(const Json& line, const text::Tokenizer& tokenizer) {
    allow_only(line, known_fields);
    const auto mask = tokenizer.mask();
    if (!mask) throw BadLine{"the model's tokenizer names no mask token"};
    lm::MaskedRequest request;
    const auto ids = ids_field(line, "text_ids", tokenizer.vocabulary_size());
    request.tokens = ids ? *ids : tokenizer.encode(required_text(line, "text"), true);
    for (std::size_t i = 0; i < request.tokens.size(); ++i)
        if (request.tokens[i] == *mask) request.masks.push_back(i);
    if (request.masks.empty())
        throw BadLine{format("\"text\": expected at least one {}", tokenizer.token(*mask))};
    request.candidates = candidates_of(line, tokenizer);
    return request;
}

Json answer_of(const Json& line, const lm::MaskedRequest& request, const lm::MaskedResult& result,
               std::size_t context_length) {
    if (result.status == lm::RequestStatus::overflow)
        return too_long(line, request.tokens.size(), context_length);
    Json answer = answer_to(line);
    answer["masks"] = Json::array();
    for (const auto& logprobs : result.logprobs) {
        Json mask;
        mask["logprobs"] = logprobs;
        answer["masks"].push_back(std::move(mask));
    }
    return answer;
}

}  // namespace

ExitCode score_masks(lm::LanguageModel& model, const LinesArguments& arguments) {
    return answer_requests(
        arguments, [&](const Json& line) { return request_of(line, model.tokenizer()); },
        [&](const auto& requests) { return model.score_masked(requests); },
        [&](const Json& line, const auto& request, const auto& result) {
            return answer_of(line, request, result, model.info().context_length);
        });
}

}  // namespace evoke::app
