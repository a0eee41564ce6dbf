#include "evaluation/data_file.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>
#include <utility>

#include "evaluation/csv.hpp"
#include "evaluation/utf8.hpp"
#include "evoke/core/file.hpp"

namespace evoke::evaluation {

namespace {

struct Line {
    std::size_t number = 0;
    std::string_view text;
};

/// Lines that are not empty, without their ends.
std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) lines.push_back({number, line});
    }
    return lines;
}

std::vector<std::string> split_tabs(std::string_view line) {
    std::vector<std::string> fields;
    while (true) {
        const std::size_t tab = line.find('\t');
        fields.emplace_back(line.substr(0, tab));
        if (tab == std::string_view::npos) return fields;
        line.remove_prefix(tab + 1);
    }
}

/// The value of `key` as text; nullopt after naming what is wrong with it.
std::optional<std::string> json_text(const nlohmann::json& object, const std::string& key,
                                     std::size_t line, FileMistakes& mistakes) {
    const auto found = object.find(key);
    if (found == object.end()) {
        std::vector<std::string_view> keys;
        for (const auto& item : object.items()) keys.push_back(item.key());
        const auto near = nearest_name(key, keys);
        mistakes.add(line, "key " + in_quotes(key), "a text, number or boolean", "no such key",
                     near ? "did you mean " + in_quotes(*near) + "?" : "");
        return std::nullopt;
    }
    if (found->is_string()) return found->get<std::string>();
    if (found->is_number() || found->is_boolean()) return found->dump();
    mistakes.add(line, "key " + in_quotes(key), "a text, number or boolean", found->type_name());
    return std::nullopt;
}

/// nlohmann's message without its own numbering: what stands after "line 1, ".
std::string json_complaint(const std::string& message) {
    const std::string_view mark = "line 1, ";
    const std::size_t at = message.find(mark);
    return at == std::string::npos ? message : message.substr(at + mark.size());
}

std::vector<DataRow> read_jsonl(std::string_view text, const DataColumns& columns,
                                FileMistakes& mistakes) {
    std::vector<DataRow> rows;
    for (const Line& line : lines_of(text)) {
        if (trimmed(line.text).empty()) continue;
        nlohmann::json object;
        try {
            object = nlohmann::json::parse(line.text);
        } catch (const nlohmann::json::parse_error& error) {
            mistakes.add(line.number, "", "one JSON object a line", json_complaint(error.what()));
            continue;
        }
        if (!object.is_object()) {
            mistakes.add(line.number, "", "one JSON object a line", object.type_name());
            continue;
        }
        auto input = json_text(object, columns.input, line.number, mistakes);
        auto output = json_text(object, columns.output, line.number, mistakes);
        if (input && output) rows.push_back({line.number, std::move(*input), std::move(*output)});
    }
    return rows;
}

struct Header {
    std::size_t input = 0;
    std::size_t output = 0;
};

std::optional<std::size_t> column(const CsvRecord& header, const std::string& name,
                                  FileMistakes& mistakes) {
    std::vector<std::string_view> names;
    std::string list;
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
        if (header.fields[i] == name) return i;
        names.push_back(header.fields[i]);
        list += (i == 0 ? "" : ", ") + in_quotes(header.fields[i], 30);
    }
    const auto near = nearest_name(name, names);
    mistakes.add(header.line, "header", "a column " + in_quotes(name), list,
                 near ? "did you mean " + in_quotes(*near) + "?" : "");
    return std::nullopt;
}

std::vector<DataRow> read_table(std::vector<CsvRecord> records, const DataColumns& columns,
                                FileMistakes& mistakes) {
    if (records.empty()) return {};
    const std::size_t width = records[0].fields.size();
    const auto input = column(records[0], columns.input, mistakes);
    const auto output = column(records[0], columns.output, mistakes);
    std::vector<DataRow> rows;
    for (CsvRecord& record : std::span{records}.subspan(1)) {
        if (record.fields.size() != width) {
            mistakes.add(record.line, "", std::to_string(width) + " fields, as the header has",
                         std::to_string(record.fields.size()));
        } else if (input && output) {
            rows.push_back({record.line, std::move(record.fields[*input]), ""});
            rows.back().output =
                *output == *input ? rows.back().input : std::move(record.fields[*output]);
        }
    }
    return rows;
}

std::vector<CsvRecord> tab_records(std::string_view text) {
    std::vector<CsvRecord> records;
    for (const Line& line : lines_of(text)) records.push_back({line.number, split_tabs(line.text)});
    return records;
}

std::vector<DataRow> read_txt(std::string_view text, FileMistakes& mistakes) {
    std::vector<DataRow> rows;
    for (const Line& line : lines_of(text)) {
        const std::size_t tab = line.text.rfind('\t');
        if (tab == std::string_view::npos) {
            mistakes.add(line.number, "", "a text, a tab and its answer", in_quotes(line.text));
        } else {
            rows.push_back({line.number, std::string{line.text.substr(0, tab)},
                            std::string{line.text.substr(tab + 1)}});
        }
    }
    return rows;
}

/// Whether the bytes are UTF-8; names the lines that are not.
bool check_encoding(std::string_view text, FileMistakes& mistakes) {
    if (is_utf8(text)) return true;
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        mistakes.add(1, "", "UTF-8", "a byte order mark of UTF-16");
        return false;
    }
    for (const Line& line : lines_of(text)) {
        if (!is_utf8(line.text)) {
            mistakes.add(line.number, "", "UTF-8", in_quotes(line.text),
                         "was the file written as Latin-1 or Windows-1252?");
        }
    }
    return false;
}

}  // namespace

std::optional<DataFormat> data_format(std::string_view option, const std::filesystem::path& path) {
    struct Ending {
        std::string_view name;
        DataFormat format;
    };
    constexpr std::array endings{
        Ending{"jsonl", DataFormat::jsonl}, Ending{"ndjson", DataFormat::jsonl},
        Ending{"csv", DataFormat::csv},     Ending{"tsv", DataFormat::tsv},
        Ending{"txt", DataFormat::txt},
    };
    const std::string extension = lower_case(path.extension().string());
    for (const Ending& ending : endings) {
        const bool by_name = option == "auto" && extension == "." + std::string{ending.name};
        if (by_name || option == ending.name) return ending.format;
    }
    return std::nullopt;
}

std::vector<DataRow> read_data_file(const std::filesystem::path& path, DataFormat format,
                                    const DataColumns& columns, FileMistakes& mistakes) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        const bool exists = std::filesystem::exists(path, error);
        mistakes.add(0, "", "a data file", exists ? "something else" : "no such file");
        return {};
    }
    std::string content;
    try {
        content = read_text_file(path);
    } catch (const LoadError& failure) {
        mistakes.add(0, "", "a file that can be read", failure.what());
        return {};
    }
    std::string_view text = content;
    if (!check_encoding(text, mistakes)) return {};
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::vector<DataRow> rows;
    switch (format) {
        case DataFormat::jsonl:
            rows = read_jsonl(text, columns, mistakes);
            break;
        case DataFormat::csv:
            rows = read_table(read_csv(text, mistakes), columns, mistakes);
            break;
        case DataFormat::tsv:
            rows = read_table(tab_records(text), columns, mistakes);
            break;
        case DataFormat::txt:
            rows = read_txt(text, mistakes);
            break;
    }
    if (rows.empty() && mistakes.empty()) {
        mistakes.add(0, "", "one example or more", text.empty() ? "an empty file" : "none");
    }
    return rows;
}

}  // namespace evoke::evaluation
