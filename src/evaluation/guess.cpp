#include "evoke/evaluation/guess.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "evaluation/csv.hpp"
#include "evaluation/data_file.hpp"
#include "evaluation/utf8.hpp"
#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"

namespace evoke::evaluation {

namespace {

constexpr std::array<std::string_view, 9> output_names{
    "label", "output", "answer", "target", "class", "category", "sentiment", "y", "completion"};
constexpr std::array<std::string_view, 9> input_names{
    "input", "text", "sentence", "question", "review", "content", "document", "prompt", "x"};
constexpr std::size_t most_labels = 20;

struct Column {
    std::string name;
    std::vector<std::string> values;

    [[nodiscard]] std::size_t distinct() const {
        return std::set<std::string>{values.begin(), values.end()}.size();
    }
    [[nodiscard]] std::size_t total_length() const {
        std::size_t sum = 0;
        for (const auto& value : values) sum += value.size();
        return sum;
    }
};

std::vector<std::string> column_names(const std::string& text, DataFormat format) {
    std::vector<std::string> names;
    const auto first_line = std::string_view{text}.substr(0, text.find('\n'));
    if (format == DataFormat::jsonl) {
        const auto object = nlohmann::ordered_json::parse(first_line, nullptr, false);
        if (!object.is_object()) return names;
        for (const auto& item : object.items()) names.push_back(item.key());
    } else if (format == DataFormat::csv) {
        FileMistakes ignored{""};
        auto records = read_csv(text, ignored);
        if (!records.empty()) names = std::move(records.front().fields);
    } else if (format == DataFormat::tsv) {
        auto rest = first_line;
        if (rest.ends_with('\r')) rest.remove_suffix(1);
        for (std::size_t tab = 0; tab != std::string_view::npos;) {
            tab = rest.find('\t');
            names.emplace_back(rest.substr(0, tab));
            if (tab != std::string_view::npos) rest.remove_prefix(tab + 1);
        }
    }
    return names;
}

/// Columns whose every value is a text, number or boolean.
std::vector<Column> columns_of(const std::filesystem::path& data, DataFormat format,
                               const std::vector<std::string>& names) {
    std::vector<Column> columns;
    for (const auto& name : names) {
        FileMistakes mistakes{data.string()};
        Column column{name, {}};
        for (auto& row : read_data_file(data, format, {name, name}, mistakes)) {
            column.values.push_back(std::move(row.output));
        }
        if (mistakes.empty()) columns.push_back(std::move(column));
    }
    return columns;
}

const Column* named(const std::vector<Column>& columns, std::span<const std::string_view> names) {
    for (const auto name : names) {
        for (const Column& column : columns) {
            if (lower_case(column.name) == name) return &column;
        }
    }
    return nullptr;
}

const Column* answers_among(const std::vector<Column>& columns) {
    if (const Column* found = named(columns, output_names)) return found;
    const auto fewest =
        std::min_element(columns.begin(), columns.end(),
                         [](const auto& a, const auto& b) { return a.distinct() < b.distinct(); });
    return &*fewest;
}

const Column* inputs_among(const std::vector<Column>& columns, const Column* answers) {
    const Column* found = named(columns, input_names);
    if (found != nullptr && found != answers) return found;
    const Column* longest = nullptr;
    for (const Column& column : columns) {
        if (&column == answers) continue;
        if (longest == nullptr || column.total_length() > longest->total_length()) {
            longest = &column;
        }
    }
    return longest;
}

std::optional<std::size_t> label_number(const std::string& text) {
    std::size_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

void guess_labels(TaskGuess& guess, const std::vector<std::string>& answers) {
    std::vector<std::string> distinct;
    std::size_t highest = 0;
    bool numbers = true;
    for (const auto& answer : answers) {
        if (std::find(distinct.begin(), distinct.end(), answer) != distinct.end()) continue;
        distinct.push_back(answer);
        if (distinct.size() > most_labels) return;
        const auto number = label_number(answer);
        numbers = numbers && number && *number < most_labels;
        if (numbers) highest = std::max(highest, *number);
    }
    // Answers that hardly repeat are texts of their own.
    if (distinct.size() * 2 > answers.size() && answers.size() > 2) return;
    guess.numbered = numbers;
    if (!numbers) {
        guess.labels = std::move(distinct);
        return;
    }
    for (std::size_t i = 0; i <= highest; ++i) guess.labels.push_back("label " + std::to_string(i));
}

[[noreturn]] void refuse(const std::filesystem::path& data, const std::string& expected,
                         const std::string& found) {
    throw InputError{Diagnostic{.file = data.string(),
                                .line = 0,
                                .what = "data",
                                .expected = expected,
                                .found = found,
                                .hint = {}}};
}

}  // namespace

TaskGuess guess_task(const std::filesystem::path& data) {
    const auto format = data_format("auto", data);
    if (!format) {
        refuse(data, "a file that ends in .jsonl, .csv, .tsv or .txt", data.extension().string());
    }
    FileMistakes mistakes{data.string()};
    TaskGuess guess;
    std::vector<std::string> answers;
    if (*format == DataFormat::txt) {
        for (auto& row : read_data_file(data, *format, {}, mistakes)) {
            answers.push_back(std::move(row.output));
        }
    } else if (std::filesystem::is_regular_file(data)) {
        guess.columns = column_names(read_text_file(data), *format);
        const auto columns = columns_of(data, *format, guess.columns);
        if (columns.size() < 2) {
            refuse(data, "two columns or keys at least, an input and its answer",
                   std::to_string(columns.size()) + " that can be read in every line");
        }
        const Column* output = answers_among(columns);
        guess.output = output->name;
        guess.input = inputs_among(columns, output)->name;
        answers = output->values;
    } else {
        refuse(data, "a data file", "none");
    }
    Diagnostics found;
    mistakes.report(found);
    found.throw_if_any();
    guess.examples = answers.size();
    guess_labels(guess, answers);
    return guess;
}

}  // namespace evoke::evaluation
