#include <algorithm>

#include "app/report.hpp"
#include "evoke/core/format.hpp"

namespace evoke::app {

namespace {

using checkpoint::GenerationRecord;
using population::Individual;
using Row = std::vector<std::string>;

/// Of the measures only the task's own have a test worth a column: tokens differ little.
std::string test_text(const GenerationRecord& record, const Individual& individual,
                      const std::string& measure) {
    for (const auto& [name, interval] : test_measures(record, individual))
        if (name == measure)
            return format("{} [{}, {}]", number_text(interval.value), number_text(interval.low),
                          number_text(interval.high));
    return "-";
}

std::vector<std::string> tested_measures(const GenerationRecord& record) {
    std::vector<std::string> names;
    for (const auto& test : test_measures(record, baseline_of(record)))
        if (test.name != "generated_tokens") names.push_back(test.name);
    return names;
}

std::string one_line(const population::Genome& genome) {
    std::string text;
    for (const char c : genome.instruction) text += c == '\n' ? "\\n" : std::string(1, c);
    if (const std::size_t count = genome.demonstrations.size(); count > 0)
        text += format("  (+{} demonstration{})", count, count == 1 ? "" : "s");
    return text;
}

/// Columns to the right, the last one, the prompt, to the left.
std::string aligned(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            text += format("{}{:>{}}", i == 0 ? "" : "  ", row[i], widths[i]);
        text += "  " + row.back() + "\n";
    }
    return text;
}

/// Prompts of a front with equal objectives: a person sees one of them.
struct Tie {
    std::size_t shown = 0;
    std::size_t others = 0;
};

/// In the given order; the suggested prompt is the one shown of its tie.
std::vector<Tie> ties(std::span<const Individual> front, const std::vector<std::size_t>& order,
                      std::size_t suggested) {
    std::vector<Tie> found;
    for (const std::size_t i : order) {
        const auto equal = std::ranges::find_if(found, [&](const Tie& tie) {
            return front[tie.shown].objectives == front[i].objectives;
        });
        if (equal == found.end()) {
            found.push_back({.shown = i});
            continue;
        }
        ++equal->others;
        if (i == suggested) equal->shown = i;
    }
    return found;
}

}  // namespace

std::string front_text(const GenerationRecord& record) {
    const std::vector<std::string> tested = tested_measures(record);
    Row head{""};
    for (const auto& name : tested) head.push_back("test " + name);
    head.insert(head.end(), record.measures.begin(), record.measures.end());
    head.emplace_back("prompt");
    std::vector<Row> rows{head};
    const auto add = [&](const char* mark, const Individual& individual) {
        Row row{mark};
        for (const auto& name : tested) row.push_back(test_text(record, individual, name));
        for (const double value : individual.measures) row.push_back(number_text(value));
        row.push_back(one_line(individual.genome));
        rows.push_back(std::move(row));
    };
    add("baseline", baseline_of(record));
    const auto front = front_of(record);
    const std::size_t suggested = front.empty() ? 0 : suggested_index(record);
    for (const Tie& tie : ties(front, display_order(record), suggested)) {
        add(tie.shown == suggested ? "balance" : "", front[tie.shown]);
        if (tie.others > 0) rows.back().back() += format("  (and {} alike)", tie.others);
    }
    return aligned(rows);
}

}  // namespace evoke::app
