#pragma once

#include <string>
#include <string_view>

#include "evoke/evaluation/task.hpp"
#include "evoke/population/genome.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::evaluation {

/// A task whose data a test writes down; lines are `text<TAB>answer`.
inline Task make_task(TaskOptions options, std::string_view dev,
                      std::string_view demonstrations = {}) {
    const test::TemporaryFolder folder;
    options.dev = folder.write("dev.txt", dev).string();
    if (!demonstrations.empty()) {
        options.demonstrations = folder.write("demonstrations.txt", demonstrations).string();
    }
    return Task::load(options, "", 1);
}

inline TaskOptions sentiment_options() {
    TaskOptions options;
    options.labels = {"bad", "good"};
    options.show = "{instruction}\n{demonstrations}Text: {input}\nLabel:";
    options.show_demonstration = "Text: {input}\nLabel: {output}\n";
    return options;
}

inline population::Genome instruction(std::string text) {
    return {.instruction = std::move(text)};
}

}  // namespace evoke::evaluation
