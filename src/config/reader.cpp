#include "config/reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <type_traits>
#include <utility>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/core/format.hpp"

namespace evoke::config {

namespace {

constexpr double no_limit = std::numeric_limits<double>::infinity();

std::vector<std::string_view> split_choices(std::string_view choices) {
    std::vector<std::string_view> parts;
    while (!choices.empty()) {
        const auto bar = choices.find('|');
        parts.push_back(choices.substr(0, bar));
        choices = bar == std::string_view::npos ? std::string_view{} : choices.substr(bar + 1);
    }
    return parts;
}

std::string_view with_article(std::string_view type) {
    if (type == "integer") return "an integer";
    if (type == "number") return "a number";
    if (type == "text") return "a text in quotes";
    if (type == "list of texts") return "a list of texts, [\"…\", \"…\"]";
    return type;
}

std::optional<std::vector<std::string>> texts_of(const toml::node& node) {
    const toml::array* array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const toml::node& item : *array) {
        const auto text = item.value_exact<std::string>();
        if (!text) return std::nullopt;
        texts.push_back(*text);
    }
    return texts;
}

template <class Value>
std::optional<Value> value_of(const toml::node& node) {
    if constexpr (std::is_same_v<Value, bool>) {
        return node.value_exact<bool>();
    } else if constexpr (std::is_integral_v<Value>) {
        const auto number = node.value_exact<std::int64_t>();
        if (!number || !std::in_range<Value>(*number)) return std::nullopt;
        return static_cast<Value>(*number);
    } else if constexpr (std::is_floating_point_v<Value>) {
        if (const auto whole = node.value_exact<std::int64_t>()) {
            return static_cast<Value>(*whole);
        }
        return node.value_exact<double>();
    } else if constexpr (std::is_same_v<Value, std::string>) {
        return node.value_exact<std::string>();
    } else {
        return texts_of(node);
    }
}

}  // namespace

std::string shown(const toml::node& node) {
    std::ostringstream text;
    node.visit([&](const auto& value) { text << value; });
    std::string result = text.str();
    constexpr std::size_t longest = 60;
    if (result.size() > longest) result = result.substr(0, longest) + "…";
    for (char& c : result) {
        if (c == '\n') c = ' ';
    }
    return result;
}

std::string range_text(double minimum, double maximum, std::string_view type,
                       std::string_view unit) {
    std::string text{with_article(type)};
    if (minimum > -no_limit && maximum < no_limit) {
        text += format(" from {:.12g} to {:.12g}", minimum, maximum);
    } else if (minimum > -no_limit) {
        text += format(" from {:.12g}", minimum);
    } else if (maximum < no_limit) {
        text += format(" up to {:.12g}", maximum);
    }
    if (!unit.empty()) text += format(" ({})", unit);
    return text;
}

std::string choices_text(std::string_view choices) {
    return format("one of {}", join(split_choices(choices), ", "));
}

bool is_choice(std::string_view choices, std::string_view value) {
    const auto known = split_choices(choices);
    return std::find(known.begin(), known.end(), value) != known.end();
}

Reader::Reader(ParsedJob& target, std::filesystem::path base, std::string file, bool check_files)
    : target_{target}, base_{std::move(base)}, file_{std::move(file)}, check_files_{check_files} {}

void Reader::note_place(const std::string& key, const toml::node& node) {
    // A value from --set knows the file that parse_job noted for it already.
    target_.places.try_emplace(key, Place{file_, node.source().begin.line});
}

void Reader::unknown_key(const std::string& key, const toml::node& node,
                         std::span<const std::string_view> known) {
    note_place(key, node);
    const auto dot = key.find_last_of('.');
    const auto name = dot == std::string::npos ? key : key.substr(dot + 1);
    const auto nearest = nearest_name(name, known);
    target_.complain(key, "a known key", format("'{}'", name),
                     nearest ? format("did you mean '{}'?", *nearest)
                             : format("known here: {}", join(known, ", ")));
}

std::string Reader::expand(const std::string& key, std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto start = text.find("${");
        const auto end = start == std::string_view::npos ? start : text.find('}', start);
        if (end == std::string_view::npos) break;
        result += text.substr(0, start);
        const std::string name{text.substr(start + 2, end - start - 2)};
        if (const char* value = std::getenv(name.c_str())) {
            result += value;
        } else {
            target_.complain(key, format("the environment variable {}", name), "it is not set",
                             format("export {}=…", name));
        }
        text.remove_prefix(end + 1);
    }
    result += text;
    return result;
}

template <class Struct>
void Reader::check_text(const std::string& key, const OptionRow<Struct, std::string>& row,
                        std::string& value) {
    if (!row.choices.empty() && !is_choice(row.choices, value)) {
        const auto known = split_choices(row.choices);
        const auto nearest = nearest_name(value, known);
        target_.complain(key, choices_text(row.choices), format("\"{}\"", value),
                         nearest ? format("did you mean \"{}\"?", *nearest) : std::string{});
        return;
    }
    if (row.path == PathKind::none || value.empty()) return;
    const auto mistakes_before = target_.mistakes.items().size();
    value = expand(key, value);
    if (target_.mistakes.items().size() != mistakes_before) return;
    const auto path = (base_ / value).lexically_normal();
    value = path.string();
    std::error_code ignored;
    if (check_files_ && row.path == PathKind::input && !std::filesystem::exists(path, ignored)) {
        target_.complain(key, "a file or folder that exists", value);
    }
}

template <class Struct, class Value>
void Reader::read_option(const std::string& key, const toml::node& node,
                         const OptionRow<Struct, Value>& row, Struct& options) {
    note_place(key, node);
    const auto value = value_of<Value>(node);
    if (!value) {
        target_.complain(key, range_text(row.minimum, row.maximum, type_name<Value>(), row.unit),
                         shown(node));
        return;
    }
    if constexpr (std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>) {
        const auto number = static_cast<double>(*value);
        if (!(number >= row.minimum && number <= row.maximum)) {
            target_.complain(key,
                             range_text(row.minimum, row.maximum, type_name<Value>(), row.unit),
                             shown(node));
            return;
        }
    }
    options.*(row.member) = *value;
    if constexpr (std::is_same_v<Value, std::string>) {
        check_text(key, row, options.*(row.member));
    }
}

template <Described Options>
void Reader::read_table(std::string_view table_name, const toml::table& table, Options& options) {
    std::vector<std::string_view> known;
    for_each_row<Options>([&](const auto& row) {
        known.push_back(row.name);
        const auto key = format("{}.{}", table_name, row.name);
        if (const toml::node* node = table.get(row.name)) {
            read_option(key, *node, row, options);
        } else if (row.required) {
            target_.places.try_emplace(key, Place{file_, table.source().begin.line});
            target_.complain(key, format("{}: {}", row.name, row.meaning), "nothing");
        }
    });
    for (const auto& [name, node] : table) {
        const std::string_view text{name.str()};
        if (std::find(known.begin(), known.end(), text) == known.end()) {
            unknown_key(format("{}.{}", table_name, text), node, known);
        }
    }
}

template void Reader::read_table(std::string_view, const toml::table&, RunOptions&);
template void Reader::read_table(std::string_view, const toml::table&, lm::ModelOptions&);
template void Reader::read_table(std::string_view, const toml::table&, evaluation::TaskOptions&);
template void Reader::read_table(std::string_view, const toml::table&, evolution::SearchOptions&);
template void Reader::read_table(std::string_view, const toml::table&, BudgetOptions&);
template void Reader::read_table(std::string_view, const toml::table&,
                                 checkpoint::CheckpointOptions&);
template void Reader::read_table(std::string_view, const toml::table&, cluster::ClusterOptions&);

void Reader::read_objectives(const toml::table& table) {
    // toml++ sorts keys by name; the job's own order decides which objective comes first.
    std::vector<std::pair<toml::source_position, population::Objective>> found;
    for (const auto& [name, node] : table) {
        const std::string measure{name.str()};
        const auto key = "objectives." + measure;
        note_place(key, node);
        const auto direction = node.value_exact<std::string>();
        if (!direction || (*direction != "max" && *direction != "min")) {
            target_.complain(key, "\"max\" or \"min\"", shown(node));
            continue;
        }
        // What --set adds comes last.
        const bool added = target_.places.at(key).line == 0;
        constexpr auto last = std::numeric_limits<toml::source_index>::max();
        found.push_back({added ? toml::source_position{last, last} : node.source().begin,
                         {measure, *direction == "max" ? population::Direction::maximise
                                                       : population::Direction::minimise}});
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [position, objective] : found) {
        target_.job.objectives.push_back(std::move(objective));
    }
}

}  // namespace evoke::config
