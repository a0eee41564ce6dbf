#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace evoke::text::jinja {

/// A template that cannot be read, or uses what this subset lacks.
class SyntaxError : public std::runtime_error {
public:
    SyntaxError(std::size_t line, const std::string& message)
        : std::runtime_error{"line " + std::to_string(line) + ": " + message} {}
};

}  // namespace evoke::text::jinja
