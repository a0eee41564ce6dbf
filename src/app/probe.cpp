#include "app/probe.hpp"

#include <array>
#include <string_view>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/lm/requests.hpp"

namespace evoke::app {

namespace {

constexpr std::string_view shared = "Say whether the text is about a person, a place or a thing.\n";
constexpr std::array<std::string_view, 3> texts{
    "Text: The river runs through the old town and under three bridges.\nAnswer:",
    "Text: She wrote letters to her brother every week of that long winter, and kept none of the "
    "answers.\nAnswer:",
    "Text: 12 pieces.\nAnswer:"};
constexpr std::array<std::string_view, 3> answers{" person", " place", " thing"};

void add(Sha256Stream& stream, const lm::ScoreResult& result) {
    for (const float value : result.token_logprobs) stream.field(value);
    stream.field(std::uint64_t{result.greedy});
}

void add(Sha256Stream& stream, const lm::GenerateResult& result) {
    for (const TokenId id : result.tokens) stream.field(static_cast<std::uint64_t>(id));
}

Sha256 answer(lm::LanguageModel& model, const std::vector<lm::ScoreRequest>& scores,
              const std::vector<lm::GenerateRequest>& generations, bool together) {
    Sha256Stream stream;
    if (together) {
        for (const auto& result : model.score(scores)) add(stream, result);
        for (const auto& result : model.generate(generations)) add(stream, result);
        return stream.finish();
    }
    for (const auto& request : scores) add(stream, model.score({&request, 1}).front());
    for (const auto& request : generations) add(stream, model.generate({&request, 1}).front());
    return stream.finish();
}

}  // namespace

Sha256 probe_replica(lm::LanguageModel& model) {
    std::vector<lm::ScoreRequest> scores;
    std::vector<lm::GenerateRequest> generations;
    for (const auto text : texts) {
        for (const auto continuation : answers) {
            scores.push_back(lm::score_request(model.tokenizer(), {shared, text, continuation}));
        }
        auto prompt = lm::prompt_ids(model.tokenizer(), shared, text, true);
        lm::GenerateRequest request;
        request.prompt = std::move(prompt.ids);
        request.prefix_length = prompt.prefix_length;
        request.max_tokens = 8;
        generations.push_back(std::move(request));
    }
    const Sha256 together = answer(model, scores, generations, true);
    if (together != answer(model, scores, generations, false)) {
        throw Error{ExitCode::run_folder,
                    "this replica answers the probe with other bits alone than in company (" +
                        model.info().numerics +
                        "): results would depend on how work is batched. Try another dtype or "
                        "device."};
    }
    return together;
}

}  // namespace evoke::app
