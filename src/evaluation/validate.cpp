#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <span>
#include <string>

#include "evaluation/data_file.hpp"
#include "evaluation/template.hpp"
#include "evaluation/utf8.hpp"
#include "evoke/evaluation/task.hpp"

namespace evoke::evaluation {

namespace {

using Names = std::span<const std::string_view>;

std::string braced(Names names) {
    std::string list;
    for (const std::string_view name : names) {
        list += (list.empty() ? "{" : ", {") + std::string{name} + "}";
    }
    return list;
}

void check_template(std::string_view key, std::string_view text, Names known, Names needed,
                    Diagnostics& diagnostics) {
    std::set<std::string> used;
    for (const TemplatePiece& piece : parse_template(text)) {
        if (!piece.placeholder || !used.insert(piece.text).second) continue;
        if (std::find(known.begin(), known.end(), piece.text) != known.end()) continue;
        const auto near = nearest_name(piece.text, known);
        diagnostics.add({.what = std::string{key},
                         .expected = "only " + braced(known),
                         .found = "{" + piece.text + "}",
                         .hint = near ? "did you mean {" + *near + "}?" : ""});
    }
    for (const std::string_view name : needed) {
        if (used.contains(std::string{name})) continue;
        diagnostics.add({.what = std::string{key},
                         .expected = "{" + std::string{name} + "} in it",
                         .found = in_quotes(text)});
    }
}

void check_templates(const TaskOptions& options, Diagnostics& diagnostics) {
    using namespace std::string_view_literals;
    constexpr std::array shown{"instruction"sv, "demonstrations"sv, "input"sv};
    constexpr std::array shown_needed{"instruction"sv, "input"sv};
    constexpr std::array demonstration{"input"sv, "output"sv};
    check_template("task.template", options.show, shown, shown_needed, diagnostics);
    check_template("task.demonstration", options.show_demonstration, demonstration, demonstration,
                   diagnostics);
}

void check_labels(const TaskOptions& options, Diagnostics& diagnostics) {
    if (options.answer == "likelihood" && options.labels.size() < 2) {
        diagnostics.add({.what = "task.labels",
                         .expected = "two labels or more with answer = \"likelihood\"",
                         .found = std::to_string(options.labels.size())});
    }
    std::set<std::string> seen;
    for (const std::string& label : options.labels) {
        if (trimmed(label).empty()) {
            diagnostics.add({.what = "task.labels",
                             .expected = "labels with a name",
                             .found = in_quotes(label)});
        } else if (!seen.insert(label).second) {
            diagnostics.add({.what = "task.labels",
                             .expected = "each label once",
                             .found = in_quotes(label) + " again"});
        }
    }
}

void check_data(const TaskOptions& options, Diagnostics& diagnostics) {
    if (options.dev.empty()) {
        diagnostics.add({.what = "task.dev",
                         .expected = "a data file with answer = \"" + options.answer + "\"",
                         .found = "none"});
    }
    struct Key {
        std::string_view name;
        const std::string& path;
    };
    const std::array keys{Key{"task.dev", options.dev}, Key{"task.test", options.test},
                          Key{"task.demonstrations", options.demonstrations}};
    for (const Key& key : keys) {
        if (key.path.empty() || data_format(options.format, key.path)) continue;
        diagnostics.add({.what = std::string{key.name},
                         .expected = "a file that ends in .jsonl, .csv, .tsv or .txt",
                         .found = in_quotes(key.path, 200),
                         .hint = "name its format with task.format"});
    }
}

void check_generation(const TaskOptions& options, Diagnostics& diagnostics) {
    if (std::find(options.stop.begin(), options.stop.end(), "") != options.stop.end()) {
        diagnostics.add(
            {.what = "task.stop", .expected = "texts that are not empty", .found = "\"\""});
    }
    try {
        static_cast<void>(std::regex{options.extract, std::regex::ECMAScript});
    } catch (const std::regex_error& error) {
        diagnostics.add({.what = "task.extract",
                         .expected = "a regular expression (ECMAScript)",
                         .found = in_quotes(options.extract, 200),
                         .hint = error.what()});
    }
}

void refuse(bool given, std::string_view key, std::string_view hint, Diagnostics& diagnostics) {
    if (!given) return;
    diagnostics.add({.what = std::string{key},
                     .expected = "nothing here",
                     .found = "a value",
                     .hint = std::string{hint}});
}

void check_target(const TaskOptions& options, Diagnostics& diagnostics) {
    constexpr std::string_view hint =
        "answer = \"target\" shows the prompt alone and reads no data";
    if (options.target.empty()) {
        diagnostics.add({.what = "task.target",
                         .expected = "a text with answer = \"target\"",
                         .found = "none"});
    }
    refuse(!options.dev.empty(), "task.dev", hint, diagnostics);
    refuse(!options.test.empty(), "task.test", hint, diagnostics);
    refuse(!options.demonstrations.empty(), "task.demonstrations", hint, diagnostics);
    refuse(!options.labels.empty(), "task.labels", hint, diagnostics);
    refuse(options.chat, "task.chat", hint, diagnostics);
    refuse(options.blocks > 1, "task.blocks", hint, diagnostics);
}

}  // namespace

Diagnostics validate(const TaskOptions& options) {
    Diagnostics diagnostics;
    if (options.answer == "target") {
        check_target(options, diagnostics);
        return diagnostics;
    }
    check_data(options, diagnostics);
    check_templates(options, diagnostics);
    check_labels(options, diagnostics);
    check_generation(options, diagnostics);
    refuse(!options.target.empty(), "task.target", "a target belongs to answer = \"target\"",
           diagnostics);
    const bool delimiter_kept = options.delimiter.empty() || options.delimiter == " ";
    refuse(options.chat && !delimiter_kept, "task.delimiter",
           "with chat = true a label follows the chat template's own text", diagnostics);
    return diagnostics;
}

}  // namespace evoke::evaluation
