#include "app/report.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "evoke/config/job.hpp"
#include "evoke/core/format.hpp"

namespace evoke::app {

using checkpoint::GenerationRecord;
using population::Individual;
using population::OutcomeStatus;

namespace {

/// JSON has no NaN: what was not measured is null.
Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

bool is_proportion(const std::string& measure) {
    return measure == "accuracy";
}

evaluation::Interval interval_of(const population::ScoreMatrix::Row& row, std::size_t measure,
                                 bool proportion) {
    double sum = 0;
    double squares = 0;
    for (const auto& [example, outcome] : row) {
        const double value = outcome.status == OutcomeStatus::overflow
                                 ? std::nan("")
                                 : static_cast<double>(outcome.values.at(measure));
        sum += value;
        squares += value * value;
    }
    if (proportion && std::isfinite(sum)) {
        return evaluation::wilson_interval(static_cast<std::size_t>(std::llround(sum)), row.size());
    }
    return evaluation::mean_interval(sum, squares, row.size());
}

evaluation::Interval generated_interval(const population::ScoreMatrix::Row& row) {
    double sum = 0;
    double squares = 0;
    for (const auto& [example, outcome] : row) {
        const double tokens = outcome.generated_tokens;
        sum += tokens;
        squares += tokens * tokens;
    }
    return evaluation::mean_interval(sum, squares, row.size());
}

Json genome_json(const population::Genome& genome) {
    Json demonstrations = Json::array();
    for (const ExampleId id : genome.demonstrations) demonstrations.push_back(id.value);
    return {{"instruction", genome.instruction},
            {"demonstrations", std::move(demonstrations)},
            {"tokens", genome.tokens}};
}

Json point_json(const GenerationRecord& record, const Individual& individual, bool suggested) {
    Json dev = Json::object();
    const auto& names = record.measures;
    for (std::size_t i = 0; i < names.size() && i < individual.measures.size(); ++i) {
        dev[names[i]] = number(individual.measures[i]);
    }
    Json test = Json::object();
    for (const auto& [name, interval] : test_measures(record, individual)) {
        test[name] = {{"value", number(interval.value)},
                      {"low", number(interval.low)},
                      {"high", number(interval.high)}};
    }
    return {{"prompt", individual.genome.instruction},
            {"id", individual.id.value},
            {"genome", genome_json(individual.genome)},
            {"operator", individual.operation},
            {"generation", individual.generation},
            {"dev", std::move(dev)},
            {"test", std::move(test)},
            {"suggested", suggested}};
}

}  // namespace

std::optional<double> measure_of(const GenerationRecord& record, const Individual& individual,
                                 const std::string& measure) {
    const auto& names = record.measures;
    const auto found = std::find(names.begin(), names.end(), measure);
    const auto index = static_cast<std::size_t>(found - names.begin());
    if (index >= individual.measures.size()) return std::nullopt;
    return individual.measures[index];
}

std::vector<TestMeasure> test_measures(const GenerationRecord& record,
                                       const Individual& individual) {
    const auto& row = record.test.row(individual.id);
    std::vector<TestMeasure> measures;
    if (row.empty()) return measures;
    const std::size_t values = row.begin()->second.values.size();
    for (std::size_t i = 0; i < values; ++i) {
        const std::string& name = record.measures.at(i);
        measures.push_back({name, interval_of(row, i, is_proportion(name))});
    }
    measures.push_back({"generated_tokens", generated_interval(row)});
    return measures;
}

std::span<const Individual> front_of(const GenerationRecord& record) {
    return std::span{record.state.archive}.subspan(record.state.archive.empty() ? 0 : 1);
}

const Individual& baseline_of(const GenerationRecord& record) {
    return record.state.archive.at(0);
}

std::size_t suggested_index(const GenerationRecord& record) {
    std::vector<std::vector<double>> points;
    std::vector<double> lengths;
    for (const Individual& individual : front_of(record)) {
        points.push_back(individual.objectives);
        lengths.push_back(measure_of(record, individual, "prompt_tokens").value_or(0));
    }
    return population::knee(points, record.objectives, lengths);
}

std::vector<std::size_t> display_order(const GenerationRecord& record) {
    const auto front = front_of(record);
    std::vector<std::size_t> order(front.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (record.objectives.empty()) return order;
    const bool up = record.objectives.front().direction == population::Direction::maximise;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        const double first = front[a].objectives.front();
        const double second = front[b].objectives.front();
        return up ? first > second : first < second;
    });
    return order;
}

Json best_json(const GenerationRecord& record) {
    Json front = Json::array();
    const auto individuals = front_of(record);
    const std::size_t suggested = individuals.empty() ? 0 : suggested_index(record);
    for (const std::size_t i : display_order(record)) {
        front.push_back(point_json(record, individuals[i], i == suggested));
    }
    return {{"baseline", point_json(record, baseline_of(record), false)},
            {"front", std::move(front)}};
}

Json summary_json(const GenerationRecord& record, const std::string& state) {
    const auto& search = record.state;
    const auto job = config::parse_recorded_job(record.job);
    Json objectives = Json::array();
    for (const auto& objective : record.objectives) {
        const bool up = objective.direction == population::Direction::maximise;
        objectives.push_back({{"measure", objective.measure}, {"direction", up ? "max" : "min"}});
    }
    Json ranks = Json::array();
    for (const auto& usage : record.provenance.usage) {
        ranks.push_back({{"rank", usage.rank},
                         {"host", usage.host},
                         {"device", usage.device},
                         {"units", usage.units},
                         {"busy_seconds", usage.busy_seconds},
                         {"lost", usage.lost}});
    }
    const auto best = best_json(record);
    Json suggested = nullptr;
    for (const auto& point : best["front"]) {
        if (point["suggested"].get<bool>()) suggested = point;
    }
    return {
        {"format", "evoke-summary"},
        {"version", 1},
        {"name", job.run.name},
        {"state", state},
        {"algorithm", job.search.algorithm},
        {"generation", search.generation},
        {"generations", job.search.generations},
        {"note", search.note},
        {"objectives", std::move(objectives)},
        {"population", search.population.size()},
        {"front_size", best["front"].size()},
        {"baseline", best["baseline"]},
        {"best", search.population.empty() ? Json(nullptr)
                                           : point_json(record, search.population.front(), false)},
        {"suggested", std::move(suggested)},
        {"spent",
         {{"evaluations", search.spent.evaluations},
          {"prompt_tokens", search.spent.prompt_tokens},
          {"generated_tokens", search.spent.generated_tokens},
          {"proposals", search.spent.proposals}}},
        {"seconds", record.provenance.wall_seconds},
        {"digest", record.digest},
        {"ranks", std::move(ranks)}};
}

std::string number_text(double value) {
    if (!std::isfinite(value)) return "-";
    if (value == std::floor(value) && std::abs(value) >= 2) return format("{:.0f}", value);
    return std::abs(value) < 10 ? format("{:.3f}", value) : format("{:.1f}", value);
}

}  // namespace evoke::app
