#pragma once

#include <string>
#include <vector>

#include "evoke/evaluation/task.hpp"
#include "evoke/population/genome.hpp"
#include "evoke/text/chat_template.hpp"

namespace evoke::evaluation {

/// An example as a genome shows it. `shared` is the same for every example of the genome: all text
/// before {input}. Context = shared + rest.
struct RenderedPrompt {
    std::string shared;
    std::string rest;
    /// Whether the tokenizer adds its special tokens (BOS, …); a chat template spells them out.
    bool add_special_tokens = true;
};

/// Shows examples through one genome: what is the same for all of them is done once.
class Renderer {
public:
    /// `chat`: wraps the text as a user message; nullptr leaves it as it is. Task and template must
    /// outlive this.
    /// Throws InputError when the chat template refuses, std::out_of_range for a demonstration that
    /// the task does not have.
    Renderer(const Task& task, const population::Genome& genome, const text::ChatTemplate* chat);

    [[nodiscard]] RenderedPrompt show(ExampleId example) const;

private:
    [[nodiscard]] std::string wrapped(const std::string& content) const;

    const Task& task_;
    const text::ChatTemplate* chat_;
    std::vector<std::string> around_input_;  ///< texts before, between and after {input}
    std::string shared_;
};

/// What the genome itself says, without any example asked: its instruction and its demonstrations
/// as they are shown. Its tokens are the measure prompt_tokens.
[[nodiscard]] std::string own_text(const Task& task, const population::Genome& genome);

/// Renderer for a single example.
[[nodiscard]] RenderedPrompt render(const Task& task, const population::Genome& genome,
                                    ExampleId example, const text::ChatTemplate* chat);

}  // namespace evoke::evaluation
