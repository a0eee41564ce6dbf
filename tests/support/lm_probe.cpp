// Drives the language model with token ids, for tests and benches in Python. One JSON object per
// line in, one per line out:
//   {"score":    [{"tokens": [..], "context": n, "prefix": n}, ..]}
//   {"generate": [{"prompt": [..], "prefix": n, "max_tokens": n, "seed": n, "temperature": x, ..}]}
//   {"masked":   [{"tokens": [..], "masks": [place, ..], "candidates": [id, ..]}]}
//   {"gradient": {"examples": [{"tokens": [..], "triggers": [..], "context": n, ..}], "top": n}}
//   {"info": true}
//   {"memory": true}    bytes of this process now, and at most since the last such line
//   {"products": [{"rows": n, "columns": n, "depth": n, "count": n}], "rounds": n}
// Floats are printed with the digits that name their bits. "seconds" is the time of the call,
// "cpu_seconds" what it cost on all threads.

#include <chrono>
#include <ctime>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/core/log.hpp"
#include "lm/replica.hpp"
#include "support/linear_rate.hpp"
#include "support/number_tokenizer.hpp"

namespace {

using nlohmann::json;
using namespace evoke;

class Stopwatch {
public:
    /// Adds "seconds" and "cpu_seconds" since construction.
    json stop(json answer) const {
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
        answer["seconds"] = wall.count();
        answer["cpu_seconds"] = cpu_seconds() - cpu_;
        return answer;
    }

private:
    static double cpu_seconds() {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
    double cpu_ = cpu_seconds();
};

json with_times(json answer, const json& times) {
    answer.update(times);
    return answer;
}

/// A line of /proc/self/status, in bytes.
std::uint64_t memory_of(const std::string& name) {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) * 1024;
    return 0;
}

json memory() {
    json answer{{"resident", memory_of("VmRSS")}, {"peak", memory_of("VmHWM")}};
    std::ofstream{"/proc/self/clear_refs"} << 5;  // The peak starts anew.
    return answer;
}

json products(const json& line, const lm::ModelOptions& options) {
    std::vector<test::ProductShape> shapes;
    for (const json& item : line["products"])
        shapes.push_back({item.at("rows"), item.at("columns"), item.at("depth"), item.at("count")});
    const auto times =
        test::time_products(options.path, options.dtype, line.value("rounds", 3), shapes);
    return {{"own", times.own}, {"library", times.library}};
}

json score(lm::LanguageModel& model, const json& list) {
    std::vector<lm::ScoreRequest> requests;
    for (const json& item : list)
        requests.push_back({.tokens = item.at("tokens"),
                            .context_length = item.at("context"),
                            .prefix_length = item.value("prefix", std::size_t{0}),
                            .stem_length = item.value("stem", std::size_t{0})});
    const Stopwatch watch;
    const std::vector<lm::ScoreResult> results = model.score(requests);
    const json times = watch.stop({});
    json answers = json::array();
    for (const lm::ScoreResult& result : results)
        answers.push_back({{"logprobs", result.token_logprobs},
                           {"greedy", result.greedy},
                           {"overflow", result.status == lm::RequestStatus::overflow}});
    return with_times({{"score", answers}}, times);
}

json generate(lm::LanguageModel& model, const json& list) {
    std::vector<lm::GenerateRequest> requests;
    for (const json& item : list)
        requests.push_back(
            {.prompt = item.at("prompt"),
             .prefix_length = item.value("prefix", std::size_t{0}),
             .max_tokens = item.value("max_tokens", 64U),
             .stop = item.value("stop", std::vector<std::string>{}),
             .sampling = {.temperature = item.value("temperature", 0.0),
                          .top_p = item.value("top_p", 1.0),
                          .top_k = item.value("top_k", 0),
                          .min_p = item.value("min_p", 0.0),
                          .repetition_penalty = item.value("repetition_penalty", 1.0)},
             .key = {.seed = item.value("seed", std::uint64_t{0})}});
    const Stopwatch watch;
    const std::vector<lm::GenerateResult> results = model.generate(requests);
    const json times = watch.stop({});
    json answers = json::array();
    constexpr const char* reasons[] = {"stop", "length", "error"};
    for (const lm::GenerateResult& result : results)
        answers.push_back({{"tokens", result.tokens},
                           {"text", result.text},
                           {"finish", reasons[static_cast<int>(result.finish_reason)]}});
    return with_times({{"generate", answers}}, times);
}

json masked(lm::LanguageModel& model, const json& list) {
    std::vector<lm::MaskedRequest> requests;
    for (const json& item : list)
        requests.push_back({.tokens = item.at("tokens"),
                            .masks = item.at("masks"),
                            .candidates = item.at("candidates")});
    json answers = json::array();
    for (const lm::MaskedResult& result : model.score_masked(requests))
        answers.push_back(result.logprobs);
    return {{"masked", answers}};
}

json gradient(lm::LanguageModel& model, const json& item) {
    lm::GradientRequest request{.top = item.value("top", std::size_t{10}),
                                .banned = item.value("banned", std::vector<TokenId>{})};
    for (const json& example : item.at("examples")) {
        lm::GradientExample made{.tokens = example.at("tokens"),
                                 .triggers = example.at("triggers"),
                                 .context_length = example.value("context", std::size_t{0})};
        for (const json& mask : example.value("masks", json::array()))
            made.masks.push_back({mask.at("mask"), mask.at("labels")});
        request.examples.push_back(std::move(made));
    }
    const lm::GradientResult result = model.gradient({&request, 1}).front();
    json positions = json::array();
    for (const lm::TriggerCandidates& found : result.positions)
        positions.push_back({{"ids", found.ids}, {"values", found.values}});
    return {{"loss", result.loss},
            {"positions", positions},
            {"overflow", result.status == lm::RequestStatus::overflow}};
}

json info(const lm::LanguageModel& model) {
    const lm::ModelInfo& known = model.info();
    return {{"numerics", known.numerics},     {"dtype", known.dtype},
            {"device", known.device},         {"threads", known.threads},
            {"parameters", known.parameters}, {"identity", to_hex(known.identity)}};
}

json answer(lm::LanguageModel& model, const lm::ModelOptions& options, const json& line) {
    if (line.contains("memory")) return memory();
    if (line.contains("products")) return products(line, options);
    if (line.contains("score")) return score(model, line["score"]);
    if (line.contains("generate")) return generate(model, line["generate"]);
    if (line.contains("gradient")) return gradient(model, line["gradient"]);
    if (line.contains("masked")) return masked(model, line["masked"]);
    return info(model);
}

/// The value after --name, or `fallback`.
std::string option(int count, char** arguments, const std::string& name, std::string fallback) {
    for (int i = 1; i + 1 < count; ++i)
        if (arguments[i] == "--" + name) return arguments[i + 1];
    return fallback;
}

}  // namespace

int main(int count, char** arguments) {
    const auto get = [&](const char* name, const char* fallback) {
        return option(count, arguments, name, fallback);
    };
    try {
        log::start({.level = "warn"});
        lm::ModelOptions options;
        options.path = get("model", "");
        options.dtype = get("dtype", "float32");
        options.device = get("device", "cpu");
        options.threads = std::stoi(get("threads", "1"));
        options.chunk_tokens = std::stoi(get("chunk", "2048"));
        options.prefix_cache_mib = std::stoi(get("cache", "-1"));
        const std::string backend = get("backend", "best");
        const auto kind = backend == "reference" ? lm::BackendKind::reference
                          : backend == "packed"  ? lm::BackendKind::packed
                          : backend == "eager"   ? lm::BackendKind::eager
                                                 : lm::BackendKind::best;
        const std::string eos = get("eos", "");
        const auto end = eos.empty() ? std::nullopt : std::optional<TokenId>{std::stoi(eos)};
        const auto model =
            lm::load_replica(options, std::make_unique<test::NumberTokenizer>(1, end), kind);
        for (std::string line; std::getline(std::cin, line);)
            std::cout << answer(*model, options, json::parse(line)) << std::endl;
        return 0;
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return static_cast<int>(error.code());
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
