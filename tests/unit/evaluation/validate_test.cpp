#include <gmock/gmock.h>

#include "evoke/evaluation/task.hpp"

namespace evoke::evaluation {
namespace {

using testing::HasSubstr;

TaskOptions sound() {
    TaskOptions options;
    options.dev = "dev.txt";
    options.labels = {"negative", "positive"};
    return options;
}

TaskOptions with_template(const std::string& text) {
    TaskOptions options = sound();
    options.show = text;
    return options;
}

TEST(ValidateTask, finds_nothing_in_sound_options) {
    EXPECT_EQ(validate(sound()).text(), "");
}

TEST(ValidateTask, names_unknown_and_missing_placeholders) {
    EXPECT_EQ(
        validate(with_template("{instruction} {text}")).text(),
        "task.template: expected only {instruction}, {demonstrations}, {input}, found {text}\n"
        "task.template: expected {input} in it, found \"{instruction} {text}\"");
    EXPECT_THAT(validate(with_template("{instructions} {input}")).text(),
                HasSubstr("found {instructions} (did you mean {instruction}?)"));
    TaskOptions options = sound();
    options.show_demonstration = "{input} {label}";
    EXPECT_THAT(validate(options).text(),
                HasSubstr("task.demonstration: expected only {input}, {output}, found {label}"));
}

TEST(ValidateTask, takes_other_braces_as_text) {
    EXPECT_EQ(
        validate(with_template("{\"q\": \"{instruction}\"} {} { x } {1} {input")).items().size(),
        1U);  // {input} is missing: its brace is not closed
    EXPECT_EQ(validate(with_template("{{instruction}} {\"a\": {input}}")).text(), "");
}

TEST(ValidateTask, wants_two_different_labels_for_likelihood) {
    TaskOptions options = sound();
    options.labels = {"one"};
    EXPECT_THAT(validate(options).text(), HasSubstr("task.labels: expected two labels or more"));
    options.labels = {"a", "b", "a", " "};
    EXPECT_THAT(validate(options).text(), HasSubstr("expected each label once, found \"a\" again"));
    EXPECT_THAT(validate(options).text(), HasSubstr("expected labels with a name, found \" \""));
}

TEST(ValidateTask, wants_data_except_for_a_target) {
    TaskOptions options = sound();
    options.dev.clear();
    EXPECT_THAT(validate(options).text(), HasSubstr("task.dev: expected a data file"));
    TaskOptions target;
    target.answer = "target";
    EXPECT_THAT(validate(target).text(), HasSubstr("task.target: expected a text"));
    target.target = "x";
    EXPECT_EQ(validate(target).text(), "");
    target.chat = true;
    target.dev = "x.csv";
    EXPECT_THAT(validate(target).text(), HasSubstr("task.chat: expected nothing here"));
    EXPECT_THAT(validate(target).text(), HasSubstr("task.dev: expected nothing here"));
}

TEST(ValidateTask, names_unknown_endings_broken_expressions_and_empty_stops) {
    TaskOptions options = sound();
    options.test = "test.parquet";
    options.answer = "generated";
    options.extract = "(open";
    options.stop = {"\n", ""};
    const std::string text = validate(options).text();
    EXPECT_THAT(text,
                HasSubstr("task.test: expected a file that ends in .jsonl, .csv, .tsv or .txt, "
                          "found \"test.parquet\" (name its format with task.format)"));
    EXPECT_THAT(text, HasSubstr("task.extract: expected a regular expression"));
    EXPECT_THAT(text, HasSubstr("task.stop: expected texts that are not empty"));
    options.format = "csv";
    EXPECT_THAT(validate(options).text(), testing::Not(HasSubstr("task.test")));
}

TEST(ValidateTask, refuses_what_would_be_ignored) {
    TaskOptions options = sound();
    options.target = "x";
    options.chat = true;
    options.delimiter = "\n";
    EXPECT_THAT(validate(options).text(), HasSubstr("task.target: expected nothing here"));
    EXPECT_THAT(validate(options).text(), HasSubstr("task.delimiter: expected nothing here"));
}

}  // namespace
}  // namespace evoke::evaluation
