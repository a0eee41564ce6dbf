#include <toml++/toml.h>

#include <algorithm>

#include "config/reader.hpp"
#include "config/tables.hpp"
#include "evoke/config/job.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/format.hpp"

namespace evoke::config {

namespace {

toml::table parse_text(const std::string& text, const std::string& file) {
    try {
        return toml::parse(text, std::string_view{file});
    } catch (const toml::parse_error& error) {
        throw InputError{Diagnostic{.file = file,
                                    .line = error.source().begin.line,
                                    .what = "not TOML",
                                    .expected = "see https://toml.io",
                                    .found = std::string{error.description()},
                                    .hint = {}}};
    }
}

/// "table.key=value" into the document, in place of what stands there.
void apply_override(ParsedJob& parsed, toml::table& document, const std::string& text) {
    const auto equals = text.find('=');
    const auto dot = text.find('.');
    const std::string label = "--set " + text;
    if (equals == std::string::npos || dot == std::string::npos || dot > equals || dot == 0) {
        parsed.mistakes.add({.file = label,
                             .line = 0,
                             .what = "override",
                             .expected = "table.key=value",
                             .found = format("\"{}\"", text),
                             .hint = "for example search.population=20"});
        return;
    }
    const std::string table_name = text.substr(0, dot);
    const std::string key = text.substr(dot + 1, equals - dot - 1);
    const std::string value = text.substr(equals + 1);
    toml::table assigned;
    try {
        assigned = toml::parse("value = " + value);
    } catch (const toml::parse_error&) {
        assigned.insert_or_assign("value", value);
    }
    if (!document.contains(table_name)) document.insert(table_name, toml::table{});
    toml::table* table = document[table_name].as_table();
    if (table == nullptr) return;  // reported as a key that should be a table
    table->insert_or_assign(key, *assigned.get("value"));
    parsed.places[table_name + "." + key] = Place{label, 0};
}

void read_document(ParsedJob& parsed, const toml::table& document, Reader& reader) {
    if (document.contains("proposer")) parsed.job.proposer.emplace();
    std::vector<std::string_view> known;
    const toml::table nothing;
    const auto table_of = [&](std::string_view name) -> const toml::table& {
        const toml::node* node = document.get(name);
        if (node == nullptr) return nothing;
        if (const toml::table* table = node->as_table()) return *table;
        reader.note_place(std::string{name}, *node);
        parsed.complain(std::string{name}, format("a table, [{}]", name), shown(*node));
        return nothing;
    };
    for_each_table(parsed.job, [&](std::string_view name, auto& options, std::string_view) {
        known.push_back(name);
        reader.read_table(name, table_of(name), options);
    });
    known.push_back("proposer");
    known.push_back(objectives_table);
    reader.read_objectives(table_of(objectives_table));
    for (const auto& [name, node] : document) {
        const std::string text{name.str()};
        if (std::find(known.begin(), known.end(), text) == known.end()) {
            reader.unknown_key(text, node, known);
        }
    }
}

void default_objectives(Job& job) {
    if (!job.objectives.empty()) return;
    using enum population::Direction;
    if (job.task.answer == "target") {
        job.objectives.push_back({"weighted_loss", minimise});
    } else {
        job.objectives.push_back({"accuracy", maximise});
    }
}

void check_run_name(ParsedJob& parsed) {
    const std::string& name = parsed.job.run.name;
    const bool leaves = name.find('/') != std::string::npos || name == "." || name == "..";
    if (leaves) {
        parsed.complain("run.name", "a folder name without '/'", format("\"{}\"", name));
    }
}

}  // namespace

void ParsedJob::complain(const std::string& key, std::string expected, std::string found,
                         std::string hint) {
    const auto place = places.find(key);
    mistakes.add({.file = place == places.end() ? job.file.string() : place->second.file,
                  .line = place == places.end() ? 0 : place->second.line,
                  .what = key,
                  .expected = std::move(expected),
                  .found = std::move(found),
                  .hint = std::move(hint)});
}

std::filesystem::path Job::run_folder() const {
    return std::filesystem::path{run.output} / run.name;
}

ParsedJob parse_job(const std::filesystem::path& file, std::span<const std::string> overrides) {
    std::string text;
    try {
        text = read_text_file(file);
    } catch (const LoadError&) {
        throw InputError{Diagnostic{.file = file.string(),
                                    .line = 0,
                                    .what = "job",
                                    .expected = "a job file that can be read",
                                    .found = "none",
                                    .hint = "evoke init DATA makes one"}};
    }
    ParsedJob parsed;
    parsed.job.file = std::filesystem::absolute(file).lexically_normal();
    toml::table document = parse_text(text, file.string());
    for (const auto& item : overrides) apply_override(parsed, document, item);
    const auto base = parsed.job.file.parent_path();
    // The default is relative to the job file too.
    parsed.job.run.output = (base / parsed.job.run.output).lexically_normal().string();
    Reader reader{parsed, base, file.string(), true};
    read_document(parsed, document, reader);
    check_run_name(parsed);
    default_objectives(parsed.job);
    return parsed;
}

Job parse_recorded_job(const std::string& toml) {
    ParsedJob parsed;
    const std::string name = "the recorded job";
    const toml::table document = parse_text(toml, name);
    Reader reader{parsed, {}, name, false};
    read_document(parsed, document, reader);
    parsed.mistakes.throw_if_any();
    default_objectives(parsed.job);
    return parsed.job;
}

}  // namespace evoke::config
