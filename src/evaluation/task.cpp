#include "evoke/evaluation/task.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "evaluation/answer_kind.hpp"
#include "evaluation/data_file.hpp"
#include "evaluation/splits.hpp"
#include "evaluation/utf8.hpp"

namespace evoke::evaluation {

namespace {

namespace fs = std::filesystem;

/// A label by its name, else by its number.
std::optional<int> label_index(const std::vector<std::string>& labels, std::string_view text) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] == text) return static_cast<int>(i);
    }
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    const bool known = number >= 0 && static_cast<std::size_t>(number) < labels.size();
    return whole && known ? std::optional{number} : std::nullopt;
}

std::string expected_label(const std::vector<std::string>& labels) {
    std::string text = "one of ";
    constexpr std::size_t shown = 12;
    for (std::size_t i = 0; i < labels.size() && i < shown; ++i) {
        text += (i == 0 ? "" : ", ") + in_quotes(labels[i], 40);
    }
    if (labels.size() > shown) text += ", …";
    return text + " or a number from 0 to " + std::to_string(labels.size() - 1);
}

std::optional<Example> make_example(const TaskOptions& options, DataRow row,
                                    FileMistakes& mistakes) {
    if (options.labels.empty()) {
        if (trimmed(row.output).empty()) {
            mistakes.add(row.line, options.output, "an answer", in_quotes(row.output));
            return std::nullopt;
        }
        return Example{.input = std::move(row.input), .output = std::move(row.output)};
    }
    auto index = label_index(options.labels, row.output);
    if (!index) index = label_index(options.labels, trimmed(row.output));
    if (index) {
        return Example{.input = std::move(row.input),
                       .output = options.labels[static_cast<std::size_t>(*index)],
                       .label = *index};
    }
    const std::vector<std::string_view> names{options.labels.begin(), options.labels.end()};
    const auto near = nearest_name(row.output, names);
    mistakes.add(row.line, options.output, expected_label(options.labels), in_quotes(row.output),
                 near ? "did you mean " + in_quotes(*near) + "?" : "");
    return std::nullopt;
}

/// Appends the file's examples; returns how many.
std::size_t load_file(const TaskOptions& options, const std::string& path, const fs::path& base,
                      std::vector<Example>& examples, Diagnostics& diagnostics) {
    if (path.empty()) return 0;
    const fs::path full = fs::path{path}.is_absolute() ? fs::path{path} : base / path;
    FileMistakes mistakes{full.string()};
    const auto format = data_format(options.format, full);
    if (!format) {
        mistakes.add(0, "", "a file that ends in .jsonl, .csv, .tsv or .txt",
                     full.extension().string());
        mistakes.report(diagnostics);
        return 0;
    }
    const DataColumns columns{.input = options.input, .output = options.output};
    std::size_t count = 0;
    for (DataRow& row : read_data_file(full, *format, columns, mistakes)) {
        if (auto example = make_example(options, std::move(row), mistakes)) {
            examples.push_back(std::move(*example));
            ++count;
        }
    }
    mistakes.report(diagnostics);
    return count;
}

void feed(Sha256Stream& stream, std::span<const ExampleId> ids) {
    stream.field(std::uint64_t{ids.size()});
    for (const ExampleId id : ids) stream.field(std::uint64_t{id.value});
}

void feed(Sha256Stream& stream, const std::vector<std::string>& texts) {
    stream.field(std::uint64_t{texts.size()});
    for (const std::string& text : texts) stream.field(std::string_view{text});
}

void feed(Sha256Stream& stream, const TaskOptions& options) {
    for (const std::string& text : {options.show, options.show_demonstration, options.answer,
                                    options.delimiter, options.extract, options.target}) {
        stream.field(std::string_view{text});
    }
    feed(stream, options.labels);
    feed(stream, options.stop);
    stream.field(std::uint64_t{options.chat ? 1U : 0U});
    stream.field(static_cast<std::uint64_t>(options.max_tokens));
    stream.field(options.temperature);
    stream.field(options.fluency_weight);
}

}  // namespace

Task Task::load(const TaskOptions& options, const fs::path& base, std::uint64_t seed) {
    Diagnostics diagnostics = validate(options);
    const AnswerKind* kind = find_answer_kind(options.answer);
    if (kind == nullptr) {
        diagnostics.add({.what = "task.answer",
                         .expected = answer_kind_names(),
                         .found = in_quotes(options.answer)});
    }
    diagnostics.throw_if_any();

    Task task;
    task.options_ = options;
    task.measures_.assign(kind->measures.begin(), kind->measures.end());
    if (kind->reads_data) {
        FileSizes sizes;
        const auto load = [&](const std::string& path) {
            return load_file(options, path, base, task.examples_, diagnostics);
        };
        sizes.dev = load(options.dev);
        sizes.test = load(options.test);
        sizes.demonstrations = load(options.demonstrations);
        diagnostics.throw_if_any();
        Splits splits = draw_splits(options, task.examples_, sizes, seed, diagnostics);
        diagnostics.throw_if_any();
        task.dev_ = std::move(splits.dev);
        task.test_ = std::move(splits.test);
        task.demonstrations_ = std::move(splits.demonstrations);
    } else {
        task.examples_.push_back({.input = "", .output = task.target_text()});
        task.dev_.emplace_back(0U);
    }

    const auto blocks = static_cast<std::size_t>(options.blocks);
    if (options.blocks < 1 || blocks > task.dev_.size()) {
        throw InputError{Diagnostic{
            .what = "task.blocks",
            .expected = "1 to " + std::to_string(task.dev_.size()) + ", the examples of dev",
            .found = std::to_string(options.blocks)}};
    }
    task.blocks_ = draw_blocks(task.dev_, blocks, seed);

    Sha256Stream stream;
    stream.field(std::string_view{"evoke task 1"});
    feed(stream, options);
    stream.field(std::uint64_t{task.examples_.size()});
    for (const Example& example : task.examples_) {
        stream.field(std::string_view{example.input}).field(std::string_view{example.output});
    }
    feed(stream, task.dev_);
    feed(stream, task.test_);
    feed(stream, task.demonstrations_);
    stream.field(std::uint64_t{task.blocks_.size()});
    for (const population::Block& block : task.blocks_) feed(stream, block.examples);
    task.identity_ = stream.finish();
    return task;
}

population::Block Task::whole_dev() const {
    return {.number = whole_block, .examples = dev_};
}

population::Block Task::whole_test() const {
    return {.number = whole_block, .examples = test_};
}

std::vector<std::string> Task::measure_names() const {
    std::vector<std::string> names = measures_;
    names.emplace_back("prompt_tokens");
    names.emplace_back("generated_tokens");
    return names;
}

std::string Task::target_text() const {
    const CodePoint first = first_code_point(options_.target);
    const bool spaced = first.size != 0 && is_space(first.value);
    return (spaced ? "" : options_.delimiter) + options_.target;
}

}  // namespace evoke::evaluation
