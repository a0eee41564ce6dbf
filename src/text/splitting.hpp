#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "text/json_part.hpp"
#include "text/regex.hpp"

namespace evoke::text {

/// A stretch of a text that a pattern matched, or one between two matches.
struct Stretch {
    Span span;
    bool matched;
};

/// All of `text`, in order.
[[nodiscard]] std::vector<Stretch> stretches(const Regex& pattern, std::string_view text);
/// Each character for which `belongs` holds is a match of its own.
template <class Predicate>
[[nodiscard]] std::vector<Stretch> stretches_of(Predicate belongs, std::string_view text);

/// What becomes of the matches when a text is split at them.
enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

[[nodiscard]] SplitBehavior split_behavior(const JsonPart& name);
[[nodiscard]] std::vector<Span> split(const std::vector<Stretch>& stretches,
                                      SplitBehavior behavior);

/// `text` with `content` in place of each match. Throws InputError when it becomes far longer.
[[nodiscard]] std::string replace_matches(const Regex& pattern, std::string_view text,
                                          std::string_view content);

/// Throws InputError when a step that made `size` bytes of `original` is to blame: no real one
/// makes a text that much longer, and several in a row would fill the memory.
void require_bounded_growth(std::size_t size, std::size_t original);

/// The member "pattern" of a part: {"String": …} or {"Regex": …}.
[[nodiscard]] Regex read_pattern(const JsonPart& pattern);

}  // namespace evoke::text

#include "text/utf8.hpp"

namespace evoke::text {

template <class Predicate>
std::vector<Stretch> stretches_of(Predicate belongs, std::string_view text) {
    std::vector<Stretch> found;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        const std::size_t end = at + point.length;
        if (belongs(point.value)) {
            if (begin != at) found.push_back({{begin, at}, false});
            found.push_back({{at, end}, true});
            begin = end;
        }
        at = end;
    }
    if (begin != text.size()) found.push_back({{begin, text.size()}, false});
    return found;
}

}  // namespace evoke::text
