#pragma once

#include <type_traits>
#include <vector>

#include "app/commands.hpp"
#include "app/json_lines.hpp"
#include "evoke/core/format.hpp"
#include "evoke/lm/language_model.hpp"

namespace evoke::app {

/// The answer to a request whose tokens the model has no room for.
[[nodiscard]] inline Json too_long(const Json& line, std::size_t tokens,
                                   std::size_t context_length) {
    Json answer = answer_to(line);
    answer["error"] =
        format("{} tokens do not fit the model's context of {}", tokens, context_length);
    return answer;
}

/// JSON lines that each are one request to a model: `request_of` makes it of a line (throws
/// BadLine), `ask` has all of a batch answered, `answer_of` says one result. Returns bad_input when
/// a line was bad or did not fit the context, else done. Throws as answer_lines does.
template <class RequestOf, class Ask, class AnswerOf>
[[nodiscard]] ExitCode answer_requests(const LinesArguments& arguments, const RequestOf& request_of,
                                       const Ask& ask, const AnswerOf& answer_of) {
    bool overflow = false;
    const auto check = [&](const Json& line) { (void)request_of(line); };
    const auto answer = [&](std::span<const Json> lines) {
        std::vector<std::invoke_result_t<RequestOf, const Json&>> requests;
        for (const Json& line : lines) requests.push_back(request_of(line));
        const auto results = ask(requests);
        std::vector<Json> answers;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            overflow |= results[i].status != lm::RequestStatus::ok;
            answers.push_back(answer_of(lines[i], requests[i], results[i]));
        }
        return answers;
    };
    const auto code =
        answer_lines({arguments.input, arguments.output, arguments.batch}, check, answer);
    return overflow ? ExitCode::bad_input : code;
}

}  // namespace evoke::app
