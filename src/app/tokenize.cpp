#include <array>

#include "app/commands.hpp"
#include "app/json_lines.hpp"
#include "app/messages.hpp"

/// Verbs that need a checkpoint's tokenizer alone: tokenize and chat.
namespace evoke::app {

namespace {

constexpr std::array<std::string_view, 3> tokenize_fields{"id", "text", "add_special_tokens"};
constexpr std::array<std::string_view, 3> chat_fields{"id", "messages", "add_generation_prompt"};

std::vector<Json> one_by_one(std::span<const Json> lines,
                             const std::function<Json(const Json&)>& answer) {
    std::vector<Json> answers;
    for (const Json& line : lines) answers.push_back(answer(line));
    return answers;
}

}  // namespace

std::vector<text::Message> messages_of(const Json& line) {
    const auto found = line.find("messages");
    if (found == line.end() || !found->is_array()) {
        throw BadLine{"\"messages\": expected a list of {\"role\", \"content\"}"};
    }
    std::vector<text::Message> messages;
    for (const Json& item : *found) {
        if (!item.is_object()) throw BadLine{"\"messages\": expected {\"role\", \"content\"}"};
        messages.push_back({required_text(item, "role"), required_text(item, "content")});
    }
    return messages;
}

ExitCode tokenize(const LinesArguments& arguments) {
    const auto tokenizer = text::load_tokenizer(arguments.model.path);
    const auto check = [](const Json& line) {
        allow_only(line, tokenize_fields);
        (void)required_text(line, "text");
        (void)flag_field(line, "add_special_tokens", true);
    };
    const auto answer = [&](const Json& line) {
        const auto ids = tokenizer->encode(required_text(line, "text"),
                                           flag_field(line, "add_special_tokens", true));
        Json result = answer_to(line);
        result["ids"] = ids;
        result["text"] = tokenizer->decode(ids, false);
        return result;
    };
    return answer_lines({arguments.input, arguments.output, arguments.batch}, check,
                        [&](std::span<const Json> lines) { return one_by_one(lines, answer); });
}

ExitCode chat(const LinesArguments& arguments) {
    const auto chat = text::load_chat_template(arguments.model.path);
    if (!chat) throw LoadError{arguments.model.path, "has no chat template"};
    const auto render = [&](const Json& line) {
        try {
            return chat->render(messages_of(line), flag_field(line, "add_generation_prompt", true));
        } catch (const InputError& refusal) {
            throw BadLine{refusal.what()};
        }
    };
    const auto check = [&](const Json& line) {
        allow_only(line, chat_fields);
        (void)render(line);
    };
    const auto answer = [&](const Json& line) {
        Json result = answer_to(line);
        result["text"] = render(line);
        return result;
    };
    return answer_lines({arguments.input, arguments.output, arguments.batch}, check,
                        [&](std::span<const Json> lines) { return one_by_one(lines, answer); });
}

}  // namespace evoke::app
