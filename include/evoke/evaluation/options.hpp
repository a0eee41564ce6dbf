#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "evoke/core/options.hpp"

namespace evoke::evaluation {

/// The table [task]: the data, how it is shown to the model, and what is measured.
struct TaskOptions {
    std::string dev;  ///< data file; with sizes below, the one file all splits come from
    std::string test;
    std::string demonstrations;
    std::string format = "auto";
    std::string input = "input";
    std::string output = "output";
    int dev_size = 0;
    int test_size = 0;
    int demonstration_size = 0;
    std::string show = "{instruction}\n\n{demonstrations}Input: {input}\nOutput:";
    std::string show_demonstration = "Input: {input}\nOutput: {output}\n\n";
    bool chat = false;
    std::string answer = "likelihood";
    std::vector<std::string> labels;
    std::string delimiter = " ";
    std::string extract;
    int max_tokens = 16;
    std::vector<std::string> stop;
    double temperature = 0;
    std::string target;
    double fluency_weight = 0.1;
    int blocks = 1;

    static constexpr auto rows() {
        using T = TaskOptions;
        return std::tuple{
            OptionRow{.name = "dev",
                      .member = &T::dev,
                      .meaning = "data that the search measures on: .jsonl, .csv or .tsv with a "
                                 "header, or .txt with a text, a tab and a label or label number",
                      .path = PathKind::input},
            OptionRow{.name = "test",
                      .member = &T::test,
                      .meaning = "held-out data, touched once, at the end; lines whose input also "
                                 "stands in dev are left out",
                      .path = PathKind::input},
            OptionRow{.name = "demonstrations",
                      .member = &T::demonstrations,
                      .meaning = "data that demonstrations are drawn from; lines whose input also "
                                 "stands in dev or test are left out",
                      .path = PathKind::input},
            OptionRow{.name = "format",
                      .member = &T::format,
                      .meaning = "format of the data files; auto goes by the file's ending",
                      .choices = "auto|jsonl|csv|tsv|txt"},
            OptionRow{
                .name = "input", .member = &T::input, .meaning = "column or key of the input"},
            OptionRow{.name = "output",
                      .member = &T::output,
                      .meaning = "column or key of the right answer (a label, a label number, or a "
                                 "text)"},
            OptionRow{.name = "dev_size",
                      .member = &T::dev_size,
                      .meaning = "examples of dev, drawn by seed; 0: all",
                      .unit = "examples",
                      .minimum = 0,
                      .maximum = 1e9},
            OptionRow{.name = "test_size",
                      .member = &T::test_size,
                      .meaning =
                          "examples of test, drawn by seed; 0: all. Without a test file they "
                          "are split from dev's file",
                      .unit = "examples",
                      .minimum = 0,
                      .maximum = 1e9},
            OptionRow{.name = "demonstration_size",
                      .member = &T::demonstration_size,
                      .meaning =
                          "examples to draw demonstrations from; 0: all of their file. Without "
                          "a file they are split from dev's",
                      .unit = "examples",
                      .minimum = 0,
                      .maximum = 1e9},
            OptionRow{.name = "template",
                      .member = &T::show,
                      .meaning =
                          "how an example is shown: {instruction}, {demonstrations} and {input}; "
                          "what stands before {input} is computed once for all examples"},
            OptionRow{.name = "demonstration",
                      .member = &T::show_demonstration,
                      .meaning = "how a demonstration is shown: {input} and {output}"},
            OptionRow{.name = "chat",
                      .member = &T::chat,
                      .meaning =
                          "whether the shown text is wrapped as a user message in the model's "
                          "chat template"},
            OptionRow{.name = "answer",
                      .member = &T::answer,
                      .meaning =
                          "likelihood: the most probable label; generated: the label or text "
                          "in what the model writes; target: how probable the target is",
                      .choices = "likelihood|generated|target"},
            OptionRow{.name = "labels",
                      .member = &T::labels,
                      .meaning = "the labels, in the order of their numbers from 0"},
            OptionRow{.name = "delimiter",
                      .member = &T::delimiter,
                      .meaning =
                          "text between the shown example and a label that is scored, or between "
                          "the prompt and the target; left out with chat = true, and before a "
                          "target that starts with white space"},
            OptionRow{
                .name = "extract",
                .member = &T::extract,
                .meaning =
                    "regular expression (ECMAScript) whose last match is the generated answer, its "
                    "first group if it has one; it reads the right answers too, where it matches; "
                    "empty: the first label found, or the whole answer"},
            OptionRow{.name = "max_tokens",
                      .member = &T::max_tokens,
                      .meaning = "limit of a generated answer",
                      .unit = "tokens",
                      .minimum = 1,
                      .maximum = 1048576},
            OptionRow{
                .name = "stop", .member = &T::stop, .meaning = "texts that end a generated answer"},
            OptionRow{.name = "temperature",
                      .member = &T::temperature,
                      .meaning = "of generated answers; 0: greedy. Sampling is keyed by genome and "
                                 "example, so that a cached outcome is the outcome",
                      .minimum = 0,
                      .maximum = 10},
            OptionRow{
                .name = "target",
                .member = &T::target,
                .meaning = "answer = \"target\": the text that the model shall continue with"},
            OptionRow{.name = "fluency_weight",
                      .member = &T::fluency_weight,
                      .meaning = "answer = \"target\": weight of the prompt's own loss beside the "
                                 "target's",
                      .minimum = 0,
                      .maximum = 1000},
            OptionRow{.name = "blocks",
                      .member = &T::blocks,
                      .meaning = "blocks that dev is divided into",
                      .minimum = 1,
                      .maximum = 1e6},
        };
    }
};

}  // namespace evoke::evaluation
