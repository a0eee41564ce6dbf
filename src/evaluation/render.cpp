#include "evoke/evaluation/render.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "evaluation/template.hpp"

namespace evoke::evaluation {

namespace {

std::string show_demonstrations(const Task& task, const population::Genome& genome) {
    const auto pieces = parse_template(task.options().show_demonstration);
    std::string text;
    for (const ExampleId id : genome.demonstrations) {
        const Example& example = task.example(id);
        for (const TemplatePiece& piece : pieces) {
            if (!piece.placeholder) {
                text += piece.text;
            } else {
                text += piece.text == "input" ? example.input : example.output;
            }
        }
    }
    return text;
}

std::string common_beginning(std::string_view a, std::string_view b) {
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return {a.begin(), differ.first};
}

}  // namespace

Renderer::Renderer(const Task& task, const population::Genome& genome,
                   const text::ChatTemplate* chat)
    : task_{task}, chat_{chat}, around_input_(1) {
    for (const TemplatePiece& piece : parse_template(task.options().show)) {
        if (!piece.placeholder) {
            around_input_.back() += piece.text;
        } else if (piece.text == "instruction") {
            around_input_.back() += genome.instruction;
        } else if (piece.text == "demonstrations") {
            around_input_.back() += show_demonstrations(task, genome);
        } else {
            around_input_.emplace_back();
        }
    }
    // Two contents that part right behind the shared text show where it ends inside the template,
    // whatever the template does with white space at the ends of a message.
    shared_ = chat_ == nullptr ? around_input_.front()
                               : common_beginning(wrapped(around_input_.front() + '\x01'),
                                                  wrapped(around_input_.front() + '\x02'));
}

std::string Renderer::wrapped(const std::string& content) const {
    const std::array messages{text::Message{.role = "user", .content = content}};
    return chat_->render(messages, true);
}

RenderedPrompt Renderer::show(ExampleId example) const {
    const std::string& input = task_.example(example).input;
    std::string rest;
    for (std::size_t i = 1; i < around_input_.size(); ++i) {
        rest += input;
        rest += around_input_[i];
    }
    if (chat_ == nullptr) return {shared_, std::move(rest), true};
    const std::string whole = wrapped(around_input_.front() + rest);
    std::string shared = common_beginning(whole, shared_);
    rest = whole.substr(shared.size());
    return {std::move(shared), std::move(rest), false};
}

std::string own_text(const Task& task, const population::Genome& genome) {
    return genome.instruction + show_demonstrations(task, genome);
}

RenderedPrompt render(const Task& task, const population::Genome& genome, ExampleId example,
                      const text::ChatTemplate* chat) {
    return Renderer{task, genome, chat}.show(example);
}

}  // namespace evoke::evaluation
