#pragma once

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/evaluation/task.hpp"

namespace evoke::evaluation {

/// Reads generated answers as extract_answer documents it, with the expression compiled once.
class AnswerReader {
public:
    /// std::regex descends one stack frame and more a character: what it searches is bounded.
    static constexpr std::size_t searched_bytes = 4096;

    /// Requires: options.extract compiles.
    explicit AnswerReader(const TaskOptions& options);

    [[nodiscard]] std::optional<std::string> read(std::string_view generated) const;
    /// Whether what `read` returned is the example's answer.
    [[nodiscard]] bool right(const std::string& answer, const Example& example) const;

private:
    [[nodiscard]] std::optional<std::string> last_match(std::string_view text) const;
    [[nodiscard]] std::optional<std::string> first_label(std::string_view text) const;

    std::vector<std::string> labels_;
    std::vector<std::string> lower_labels_;
    std::optional<std::regex> expression_;
};

}  // namespace evoke::evaluation
