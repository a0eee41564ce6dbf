#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evoke::evaluation {

/// A piece of TaskOptions::show or show_demonstration.
struct TemplatePiece {
    bool placeholder = false;
    std::string text;  ///< literal text, or the placeholder's name without its braces
};

/// A placeholder is a name of letters, digits and underscores in braces; every other brace is
/// literal text.
[[nodiscard]] std::vector<TemplatePiece> parse_template(std::string_view text);

}  // namespace evoke::evaluation
