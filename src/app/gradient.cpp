#include <algorithm>
#include <array>

#include "app/answer_requests.hpp"
#include "app/setup.hpp"
#include "evoke/core/format.hpp"
#include "evoke/text/ordinary.hpp"

namespace evoke::app {

namespace {

constexpr std::array<std::string_view, 9> known_fields{
    "id",        "input_ids", "target_ids", "mask_positions", "label_ids",
    "positions", "top",       "banned",     "ordinary"};

/// Places below `end`, at least one.
std::vector<std::size_t> places_field(const Json& line, const char* name, std::size_t end) {
    const auto places = ids_field(line, name, end);
    if (!places || places->empty())
        throw BadLine{format("\"{}\": expected a list of places from 0 to {}", name,
                             static_cast<std::int64_t>(end) - 1)};
    return {places->begin(), places->end()};
}

/// For each mask an id, or a list of ids whose probabilities add up.
std::vector<lm::MaskLabels> labels_of(const Json& line, std::size_t length,
                                      std::size_t vocabulary) {
    const auto places = places_field(line, "mask_positions", length);
    const Json labels = line.value("label_ids", Json::array());
    if (!labels.is_array() || labels.size() != places.size())
        throw BadLine{format("\"label_ids\": expected an id or a list of ids for each of {} masks",
                             places.size())};
    std::vector<lm::MaskLabels> masks;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Json own{{"label_ids", labels[i].is_array() ? labels[i] : Json::array({labels[i]})}};
        auto ids = *ids_field(own, "label_ids", vocabulary);
        if (ids.empty()) throw BadLine{"\"label_ids\": expected at least one id for each mask"};
        masks.push_back({places[i], std::move(ids)});
    }
    return masks;
}

lm::GradientRequest request_of(const Json& line, const lm::LanguageModel& model) {
    allow_only(line, known_fields);
    const std::size_t vocabulary = model.tokenizer().vocabulary_size();
    const auto input = ids_field(line, "input_ids", vocabulary);
    if (!input || input->empty()) throw BadLine{"\"input_ids\": expected at least one id"};
    const auto target = ids_field(line, "target_ids", vocabulary);
    lm::GradientExample example{.tokens = *input};
    if (model.info().masked) {
        if (target)
            throw BadLine{"\"target_ids\": the model fills in masks; give \"mask_positions\""};
        example.masks = labels_of(line, input->size(), vocabulary);
    } else {
        if (!target || target->empty()) throw BadLine{"\"target_ids\": expected at least one id"};
        example.context_length = input->size();
        example.tokens.insert(example.tokens.end(), target->begin(), target->end());
    }
    example.triggers = places_field(line, "positions", input->size());
    lm::GradientRequest request{
        .examples = {std::move(example)},
        .banned = ids_field(line, "banned", vocabulary).value_or(std::vector<TokenId>{})};
    const double top = number_field(line, "top", 10);
    if (top < 1 || top > static_cast<double>(vocabulary))
        throw BadLine{format("\"top\": expected a number from 1 to {}, found {}", vocabulary, top)};
    request.top = static_cast<std::size_t>(top);
    return request;
}

/// Ids that no prompt may hold.
std::vector<TokenId> extraordinary(const text::Tokenizer& tokenizer) {
    std::vector<TokenId> ids;
    for (std::size_t i = 0; i < tokenizer.vocabulary_size(); ++i)
        if (const auto id = static_cast<TokenId>(i); !text::is_ordinary(tokenizer, id))
            ids.push_back(id);
    return ids;
}

Json answer_of(const Json& line, const lm::GradientRequest& request,
               const lm::GradientResult& result, std::size_t context_length) {
    const lm::GradientExample& example = request.examples.front();
    if (result.status == lm::RequestStatus::overflow)
        return too_long(line, example.tokens.size(), context_length);
    Json answer = answer_to(line);
    answer["loss"] = result.loss;
    answer["positions"] = Json::array();
    for (std::size_t i = 0; i < result.positions.size(); ++i) {
        Json position;
        position["position"] = example.triggers[i];
        position["ids"] = result.positions[i].ids;
        position["values"] = result.positions[i].values;
        answer["positions"].push_back(std::move(position));
    }
    return answer;
}

}  // namespace

ExitCode gradient(const LinesArguments& arguments) {
    const auto model = lm::load_model(placed(arguments.model, {}));
    std::vector<TokenId> unfit;  // found when a line first asks
    const auto read = [&](const Json& line) {
        lm::GradientRequest request = request_of(line, *model);
        if (!flag_field(line, "ordinary", false)) return request;
        if (unfit.empty()) unfit = extraordinary(model->tokenizer());
        request.banned.insert(request.banned.end(), unfit.begin(), unfit.end());
        return request;
    };
    return answer_requests(
        arguments, read, [&](const auto& requests) { return model->gradient(requests); },
        [&](const Json& line, const auto& request, const auto& result) {
            return answer_of(line, request, result, model->info().context_length);
        });
}

}  // namespace evoke::app
