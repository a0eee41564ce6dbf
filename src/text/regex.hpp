#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace evoke::text {

/// A pattern that cannot be compiled or translated.
class RegexError : public std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

/// Bytes from `begin` to just before `end`.
struct Span {
    std::size_t begin;
    std::size_t end;
};

/// A compiled regular expression over Unicode text. Immutable; threads may share one.
class Regex {
public:
    /// `pattern` in PCRE2's own syntax. Throws RegexError.
    explicit Regex(std::string_view pattern);

    /// Matches from left to right, none overlapping; an empty one is not reported where the match
    /// before it ended. Requires: valid UTF-8.
    [[nodiscard]] std::vector<Span> find_all(std::string_view text) const;
    [[nodiscard]] bool matches_at_start(std::string_view text) const;

private:
    struct Code;
    std::shared_ptr<const Code> code_;
};

/// Tokenizer files write their patterns for Oniguruma. The same pattern for PCRE2. Throws
/// RegexError naming a construct that has no counterpart.
[[nodiscard]] std::string from_oniguruma(std::string_view pattern);

/// `text` as a pattern that matches just it.
[[nodiscard]] std::string escape_for_regex(std::string_view text);

}  // namespace evoke::text
