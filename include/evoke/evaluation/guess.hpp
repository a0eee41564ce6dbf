#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace evoke::evaluation {

/// What a data file looks like to somebody who has not been told.
struct TaskGuess {
    std::string input;   ///< column or key; empty for .txt
    std::string output;  ///< column or key; empty for .txt
    /// The distinct answers, when they are few enough to be labels, in the order of their numbers
    /// or of first appearance; else empty.
    std::vector<std::string> labels;
    /// The answers are label numbers, so `labels` are names still to be given.
    bool numbered = false;
    std::size_t examples = 0;
    std::vector<std::string> columns;  ///< all that the file has
};

/// Chooses columns by their names first ("label", "text", …), then by what they hold.
/// Throws InputError when the file is no data file or has a single column.
[[nodiscard]] TaskGuess guess_task(const std::filesystem::path& data);

}  // namespace evoke::evaluation
