#include <cstdio>
#include <sstream>

#include "app/commands.hpp"
#include "app/report.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/format.hpp"
#include "evoke/core/log.hpp"
#include "evoke/evaluation/statistics.hpp"

namespace evoke::app {

namespace {

std::vector<std::string> prompts_of(const EvaluateArguments& arguments) {
    std::vector<std::string> prompts = arguments.prompts;
    if (!arguments.prompt_file.empty()) {
        std::istringstream lines{read_text_file(arguments.prompt_file)};
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty()) prompts.push_back(line);
        }
    }
    if (prompts.empty()) {
        throw InputError{"--prompt or --prompt-file: expected at least one prompt, found none"};
    }
    return prompts;
}

/// The measures of one prompt, as an archive of one individual would carry them.
Json measured(const Prepared& prepared, const std::string& prompt, const population::Block& block,
              std::span<const population::Outcome> outcomes, std::size_t prompt_tokens) {
    checkpoint::GenerationRecord record;
    record.measures = prepared.task->measure_names();
    population::Individual individual;
    individual.genome.instruction = prompt;
    record.test.set(individual.id, block, outcomes);
    Json measures = Json::object();
    for (const auto& [name, interval] : test_measures(record, individual)) {
        measures[name] = {
            {"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
    }
    std::size_t unparsed = 0;
    std::size_t overflow = 0;
    for (const auto& outcome : outcomes) {
        unparsed += outcome.status == population::OutcomeStatus::unparsed ? 1 : 0;
        overflow += outcome.status == population::OutcomeStatus::overflow ? 1 : 0;
    }
    return {{"prompt", prompt},
            {"prompt_tokens", prompt_tokens},
            {"examples", outcomes.size()},
            {"measures", std::move(measures)},
            {"unparsed", unparsed},
            {"overflow", overflow}};
}

std::string text_of(const Json& result) {
    std::string text =
        format("“{}”\n  {} tokens, {} examples", result["prompt"].get<std::string>(),
               result["prompt_tokens"].get<std::size_t>(), result["examples"].get<std::size_t>());
    if (result["unparsed"] != 0) text += format(", {} unparsed", result["unparsed"].get<int>());
    if (result["overflow"] != 0) {
        text += format(", {} do not fit the context", result["overflow"].get<int>());
    }
    text += "\n";
    for (const auto& [name, interval] : result["measures"].items()) {
        if (interval["value"].is_null()) continue;
        text += format("  {:<18} {} [{}, {}]\n", name, number_text(interval["value"].get<double>()),
                       number_text(interval["low"].get<double>()),
                       number_text(interval["high"].get<double>()));
    }
    return text;
}

}  // namespace

ExitCode evaluate(const EvaluateArguments& arguments) {
    log::start({.prefix = "", .level = "warn", .file = {}});
    const auto prompts = prompts_of(arguments);
    const Prepared prepared = prepare(arguments.job);
    const auto block =
        arguments.split == "test" ? prepared.task->whole_test() : prepared.task->whole_dev();
    if (block.examples.empty()) {
        throw InputError{format("--split {}: the job has no such examples", arguments.split)};
    }
    const auto replica = load_replica(prepared, {});
    Json results = Json::array();
    for (const auto& prompt : prompts) {
        const population::Genome genome{prompt, {}, {}};
        const auto answer =
            replica->evaluator->run(population::EvaluateUnit{{genome}, block.examples});
        const auto tokens = replica->model->tokenizer().encode(prompt, false).size();
        results.push_back(measured(prepared, prompt, block,
                                   std::get<population::EvaluateResult>(answer).outcomes, tokens));
        if (!arguments.json) std::fputs(text_of(results.back()).c_str(), stdout);
    }
    if (arguments.json) std::fputs((results.dump(2) + "\n").c_str(), stdout);
    return ExitCode::done;
}

}  // namespace evoke::app
