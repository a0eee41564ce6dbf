#include "text/splitting.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "evoke/core/error.hpp"

namespace evoke::text {

namespace {

std::vector<Span> merge_with_previous(const std::vector<Stretch>& stretches) {
    std::vector<Span> spans;
    bool after_match = false;
    for (const Stretch& stretch : stretches) {
        if (stretch.matched && !after_match && !spans.empty()) {
            spans.back().end = stretch.span.end;
        } else {
            spans.push_back(stretch.span);
        }
        after_match = stretch.matched;
    }
    return spans;
}

std::vector<Span> merge_with_next(const std::vector<Stretch>& stretches) {
    std::vector<Span> spans;
    bool before_match = false;
    for (auto stretch = stretches.rbegin(); stretch != stretches.rend(); ++stretch) {
        if (stretch->matched && !before_match && !spans.empty()) {
            spans.back().begin = stretch->span.begin;
        } else {
            spans.push_back(stretch->span);
        }
        before_match = stretch->matched;
    }
    std::reverse(spans.begin(), spans.end());
    return spans;
}

std::vector<Span> merge_equal_neighbours(const std::vector<Stretch>& stretches) {
    std::vector<Span> spans;
    bool previous = false;
    for (const Stretch& stretch : stretches) {
        if (!spans.empty() && stretch.matched == previous) {
            spans.back().end = stretch.span.end;
        } else {
            spans.push_back(stretch.span);
        }
        previous = stretch.matched;
    }
    return spans;
}

}  // namespace

std::vector<Stretch> stretches(const Regex& pattern, std::string_view text) {
    std::vector<Stretch> found;
    std::size_t begin = 0;
    for (const Span match : pattern.find_all(text)) {
        if (match.begin != begin) found.push_back({{begin, match.begin}, false});
        found.push_back({match, true});
        begin = match.end;
    }
    if (begin != text.size()) found.push_back({{begin, text.size()}, false});
    return found;
}

SplitBehavior split_behavior(const JsonPart& name) {
    static constexpr std::array<std::pair<std::string_view, SplitBehavior>, 5> known{{
        {"Removed", SplitBehavior::removed},
        {"Isolated", SplitBehavior::isolated},
        {"MergedWithPrevious", SplitBehavior::merged_with_previous},
        {"MergedWithNext", SplitBehavior::merged_with_next},
        {"Contiguous", SplitBehavior::contiguous},
    }};
    const std::string text = name.text();
    for (const auto& [spelling, behavior] : known) {
        if (spelling == text) return behavior;
    }
    name.fail("the behavior '" + text + "' is not supported");
}

std::vector<Span> split(const std::vector<Stretch>& stretches, SplitBehavior behavior) {
    switch (behavior) {
        case SplitBehavior::merged_with_previous:
            return merge_with_previous(stretches);
        case SplitBehavior::merged_with_next:
            return merge_with_next(stretches);
        case SplitBehavior::contiguous:
            return merge_equal_neighbours(stretches);
        case SplitBehavior::removed:
        case SplitBehavior::isolated:
            break;
    }
    std::vector<Span> spans;
    spans.reserve(stretches.size());
    for (const Stretch& stretch : stretches) {
        if (behavior == SplitBehavior::isolated || !stretch.matched) spans.push_back(stretch.span);
    }
    return spans;
}

std::string replace_matches(const Regex& pattern, std::string_view text, std::string_view content) {
    std::string result;
    for (const Stretch& stretch : stretches(pattern, text)) {
        const auto [begin, end] = stretch.span;
        result += stretch.matched ? content : text.substr(begin, end - begin);
        require_bounded_growth(result.size(), text.size());
    }
    return result;
}

void require_bounded_growth(std::size_t size, std::size_t original) {
    if (size > 64 * original + (1 << 20))
        throw InputError{"the tokenizer makes a text of " + std::to_string(original) +
                         " bytes more than 64 times as long"};
}

Regex read_pattern(const JsonPart& pattern) {
    pattern.allow_only({"String", "Regex"});
    try {
        if (const auto literal = pattern.find("String")) {
            return Regex{escape_for_regex(literal->text())};
        }
        return Regex{from_oniguruma(pattern.text("Regex"))};
    } catch (const RegexError& error) {
        pattern.fail(error.what());
    }
}

}  // namespace evoke::text
