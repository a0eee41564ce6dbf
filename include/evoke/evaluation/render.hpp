#pragma once

#include <string>

#include "evoke/evaluation/task.hpp"
#include "evoke/population/genome.hpp"
#include "evoke/text/chat_template.hpp"

namespace evoke::evaluation {

/// An example as a genome shows it. `shared` is the same for every example of the genome: all text
/// before {input}. Context = shared + rest.
struct RenderedPrompt {
    std::string shared;
    std::string rest;
};

/// `chat`: wraps the text as a user message; nullptr leaves it as it is.
[[nodiscard]] RenderedPrompt render(const Task& task, const population::Genome& genome,
                                    ExampleId example, const text::ChatTemplate* chat);

}  // namespace evoke::evaluation
