#include <algorithm>
#include <cctype>

#include "text/regex.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

// What \s and \w mean in Oniguruma. PCRE2's own \s lacks U+0085 and has U+180E, and its \w lacks
// marks.
constexpr std::string_view space_members = R"(\p{White_Space})";
constexpr std::string_view word_members = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";
// Outside of a class Oniguruma looks Latin-1 up in a table of its own, where \w has these too: ² ³
// ¹ ¼ ½ ¾.
constexpr std::string_view word_members_outside =
    R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})";
constexpr int deepest_class = 50;
constexpr std::string_view hex_members = "0-9a-fA-F";

/// The bare name of a script is in PCRE2 every character used with it, in Oniguruma only its own.
bool is_script(std::string_view property) {
    try {
        (void)Regex{"\\p{sc:" + std::string{property} + "}"};
        return true;
    } catch (const RegexError&) {
        return false;
    }
}

class Translator {
public:
    explicit Translator(std::string_view pattern) : pattern_{pattern} {}

    std::string translate() {
        while (at_ < pattern_.size()) step();
        return std::move(result_);
    }

private:
    [[nodiscard]] bool sees(std::string_view text) const {
        return pattern_.substr(at_).starts_with(text);
    }
    [[nodiscard]] char peek(std::size_t ahead) const {
        return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
    }
    [[noreturn]] void refuse(const std::string& what) const {
        throw RegexError{"the regular expression '" + std::string{pattern_} + "' uses " + what +
                         ", which is not supported"};
    }
    void copy(std::size_t count) {
        result_ += pattern_.substr(at_, count);
        at_ += count;
    }
    void begin_atom() { atom_ = result_.size(); }

    void step() {
        switch (pattern_[at_]) {
            case '\\':
                begin_atom();
                return escape();
            case '[':
                begin_atom();
                return character_class(true);
            case '(':
                return open_group();
            case ')':
                if (groups_.empty()) refuse("a ')' without '('");
                copy(1);
                atom_ = groups_.back();
                groups_.pop_back();
                return;
            case '{':
                return interval();
            case '*':
            case '+':
            case '?':
            case '|':
                return copy(1);
            default:
                begin_atom();
                return copy(code_point_at(pattern_, at_).length);
        }
    }

    void replace_escape(std::string_view open, std::string_view members) {
        result_ += open;
        result_ += members;
        result_ += ']';
        at_ += 2;
    }

    void escape() {
        switch (peek(1)) {
            case 's':
                return replace_escape("[", space_members);
            case 'S':
                return replace_escape("[^", space_members);
            case 'w':
                return replace_escape("[", word_members_outside);
            case 'W':
                return replace_escape("[^", word_members_outside);
            case 'h':
                return replace_escape("[", hex_members);
            case 'H':
                return replace_escape("[^", hex_members);
            case 'b':
            case 'B':
                return word_boundary();
            case 'p':
            case 'P':
                return property();
            case 'u':
                return code_point();
            case '\0':
                refuse("a lone '\\' at its end");
            default:
                return copy_plain_escape("AzZdDtrnfvaexRKGkgX0123456789");
        }
    }

    /// Letters and digits after a backslash mean something: only those whose meaning is the same
    /// on both sides pass.
    void copy_plain_escape(std::string_view known) {
        const char next = peek(1);
        const bool meaningful = std::isalnum(static_cast<unsigned char>(next)) != 0;
        if (meaningful && known.find(next) == std::string_view::npos) {
            refuse(std::string{"'\\"} + next + "'");
        }
        copy(2);
    }

    void word_boundary() {
        const std::string in = "[" + std::string{word_members_outside} + "]";
        const bool boundary = peek(1) == 'b';
        result_ += boundary ? "(?:(?<=" + in + ")(?!" + in + ")|(?<!" + in + ")(?=" + in + "))"
                            : "(?:(?<=" + in + ")(?=" + in + ")|(?<!" + in + ")(?!" + in + "))";
        at_ += 2;
    }

    void property() {
        const std::size_t close = pattern_.find('}', at_);
        if (peek(2) != '{' || close == std::string_view::npos) refuse("\\p without {name}");
        copy(peek(3) == '^' ? 4 : 3);
        if (is_script(pattern_.substr(at_, close - at_))) result_ += "sc:";
        copy(close + 1 - at_);
    }

    /// \uHHHH
    void code_point() {
        const std::string_view digits = pattern_.substr(at_ + 2, 4);
        const bool hex =
            digits.size() == 4 && std::all_of(digits.begin(), digits.end(), [](char c) {
                return std::isxdigit(static_cast<unsigned char>(c)) != 0;
            });
        if (!hex) refuse("\\u without four hexadecimal digits");
        result_ += "\\x{" + std::string{digits} + "}";
        at_ += 6;
    }

    /// A class inside a class adds its members, so its brackets are dropped.
    void character_class(bool outermost, int depth = 0) {
        if (depth > deepest_class) refuse("classes nested more than 50 deep");
        const bool negated = peek(1) == '^';
        if (!outermost && negated) refuse("a negated class inside a class");
        if (sees("[[:") || sees("[^[:")) refuse("a POSIX bracket");
        if (outermost) {
            copy(negated ? 2 : 1);
        } else {
            at_ += 1;
        }
        bool first = true;
        while (true) {
            if (at_ >= pattern_.size()) refuse("a class without ']'");
            const char c = pattern_[at_];
            if (c == ']' && !first) break;
            if (c == '[' && peek(1) == ':') refuse("a POSIX bracket");
            if (sees("&&")) refuse("the intersection '&&' of classes");
            if (c == '[') {
                character_class(false, depth + 1);
            } else if (c == '\\') {
                class_escape();
            } else {
                if (c == ']') result_ += '\\';
                copy(1);
            }
            first = false;
        }
        if (outermost) {
            copy(1);
        } else {
            at_ += 1;
        }
    }

    void class_escape() {
        const auto members = [&](std::string_view text) {
            result_ += text;
            at_ += 2;
        };
        switch (peek(1)) {
            case 's':
                return members(space_members);
            case 'w':
                return members(word_members);
            case 'h':
                return members(hex_members);
            case 'p':
            case 'P':
                return property();
            case 'u':
                return code_point();
            case '\0':
                refuse("a class without ']'");
            default:
                return copy_plain_escape("dDtrnfvaexb0123456789");
        }
    }

    void open_group() {
        groups_.push_back(result_.size());
        if (!sees("(?")) return copy(1);
        for (const std::string_view known : {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!", "(?#"}) {
            if (sees(known)) return copy(known.size());
        }
        if (sees("(?<")) return copy(3);
        inline_options();
    }

    /// (?i) and (?i:…). A bare (?i) closes itself.
    void inline_options() {
        copy(2);
        while (at_ < pattern_.size() && peek(0) != ':' && peek(0) != ')') {
            const char c = pattern_[at_];
            // Oniguruma's m lets '.' match a newline, which is PCRE2's s.
            if (c != 'i' && c != 'm' && c != 'x' && c != '-') {
                refuse(std::string{"the option '"} + c + "'");
            }
            result_ += c == 'm' ? 's' : c;
            ++at_;
        }
        if (at_ < pattern_.size() && peek(0) == ':') copy(1);
    }

    /// {n,m}, {,m}. A '+' or '?' after it repeats the whole again; in PCRE2 it would change how
    /// the interval matches.
    void interval() {
        std::size_t end = at_ + 1;
        const auto digits = [&] {
            const std::size_t begin = end;
            while (end < pattern_.size() && pattern_[end] >= '0' && pattern_[end] <= '9') ++end;
            return pattern_.substr(begin, end - begin);
        };
        const std::string_view low = digits();
        const bool comma = end < pattern_.size() && pattern_[end] == ',';
        if (comma) ++end;
        const std::string_view high = comma ? digits() : std::string_view{};
        const bool closed = end < pattern_.size() && pattern_[end] == '}';
        if (!closed || (low.empty() && high.empty())) {
            begin_atom();
            result_ += '\\';
            return copy(1);
        }
        result_ += '{' + std::string{low.empty() ? "0" : low};
        if (comma) result_ += ',' + std::string{high};
        result_ += '}';
        at_ = end + 1;
        if (peek(0) == '+' || (peek(0) == '?' && !comma)) {
            result_.insert(atom_, "(?:");
            result_ += ')';
        }
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
    std::string result_;
    std::size_t atom_ = 0;  ///< where in the result the last atom begins
    std::vector<std::size_t> groups_;
};

}  // namespace

std::string from_oniguruma(std::string_view pattern) {
    return Translator{pattern}.translate();
}

}  // namespace evoke::text
