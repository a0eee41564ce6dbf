#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/core/ids.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::app {

using Json = nlohmann::ordered_json;

/// A line that cannot be answered: what was expected and what was found.
struct BadLine : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Answers to a batch of requests, in their order.
using AnswerBatch = std::function<std::vector<Json>(std::span<const Json>)>;
/// Looks at one request before it joins a batch; throws BadLine.
using CheckLine = std::function<void(const Json&)>;

struct LineStreams {
    std::string input;   ///< "-": standard input
    std::string output;  ///< "-": standard output
    int batch = 256;
};

/// Reads JSON lines, answers them in batches, writes one line each in order. A bad line is reported
/// with its number on standard error and answered by {"id", "error"}; the rest is still answered.
/// Returns bad_input when there was a bad line, else done.
/// Throws LoadError (input), EnvironmentError (output).
[[nodiscard]] ExitCode answer_lines(const LineStreams& streams, const CheckLine& check,
                                    const AnswerBatch& answer);

/// Fields of a request; a wrong type throws BadLine naming the field.
[[nodiscard]] std::optional<std::string> text_field(const Json& line, const char* name);
[[nodiscard]] std::string required_text(const Json& line, const char* name);
[[nodiscard]] double number_field(const Json& line, const char* name, double fallback);
[[nodiscard]] bool flag_field(const Json& line, const char* name, bool fallback);
[[nodiscard]] std::optional<std::vector<TokenId>> ids_field(const Json& line, const char* name,
                                                            std::size_t vocabulary);
[[nodiscard]] std::vector<std::string> texts_field(const Json& line, const char* name);
/// Fields that no verb knows are mistakes: a misspelt option must not be ignored.
void allow_only(const Json& line, std::span<const std::string_view> known);

/// {"id": …} of the request, or {} without one.
[[nodiscard]] Json answer_to(const Json& line);

}  // namespace evoke::app
