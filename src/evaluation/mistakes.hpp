#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "evoke/core/error.hpp"

namespace evoke::evaluation {

/// The mistakes of one data file. A file in the wrong format is wrong in every line, so that only
/// the first ones are named and the rest is counted.
class FileMistakes {
public:
    static constexpr std::size_t shown = 20;

    explicit FileMistakes(std::string file) : file_{std::move(file)} {}

    /// `line` from 1; 0: the file as a whole.
    void add(std::size_t line, std::string what, std::string expected, std::string found,
             std::string hint = {}) {
        items_.push_back({.file = file_,
                          .line = line,
                          .what = std::move(what),
                          .expected = std::move(expected),
                          .found = std::move(found),
                          .hint = std::move(hint)});
    }

    [[nodiscard]] bool empty() const { return items_.empty(); }

    /// In the order of lines, the surplus as one closing line.
    void report(Diagnostics& diagnostics) const {
        std::vector<Diagnostic> ordered = items_;
        std::stable_sort(ordered.begin(), ordered.end(),
                         [](const auto& a, const auto& b) { return a.line < b.line; });
        const std::size_t count = std::min(shown, ordered.size());
        for (std::size_t i = 0; i < count; ++i) diagnostics.add(ordered[i]);
        if (ordered.size() > count) {
            diagnostics.add({.file = file_,
                             .line = ordered[count].line,
                             .what = "and " + std::to_string(ordered.size() - count) +
                                     " more mistakes from here on"});
        }
    }

private:
    std::string file_;
    std::vector<Diagnostic> items_;
};

}  // namespace evoke::evaluation
