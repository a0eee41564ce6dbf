#include "text/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <optional>

#include "evoke/core/error.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

struct Regex::Code {
    explicit Code(pcre2_code* c) : compiled{c} {}
    ~Code() { pcre2_code_free(compiled); }
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    pcre2_code* compiled;
};

namespace {

struct FreeMatchData {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
using MatchData = std::unique_ptr<pcre2_match_data, FreeMatchData>;

std::string message_of(int code) {
    std::array<PCRE2_UCHAR, 256> buffer{};
    pcre2_get_error_message(code, buffer.data(), buffer.size());
    return reinterpret_cast<const char*>(buffer.data());
}

std::optional<Span> find_from(const pcre2_code* code, pcre2_match_data* data, std::string_view text,
                              std::size_t start, std::uint32_t options) {
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    options |= PCRE2_NO_UTF_CHECK;
    int result = pcre2_match(code, subject, text.size(), start, options, data, nullptr);
    // Compiled code has a small stack; the interpreter uses the heap.
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        result =
            pcre2_match(code, subject, text.size(), start, options | PCRE2_NO_JIT, data, nullptr);
    }
    if (result == PCRE2_ERROR_NOMATCH) return std::nullopt;
    if (result < 0) {
        throw InputError{"a text is too hard for the tokenizer's regular expression: " +
                         message_of(result)};
    }
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data);
    return Span{ends[0], ends[1]};
}

}  // namespace

Regex::Regex(std::string_view pattern) {
    // ^ and $ mean lines in Oniguruma, and there \n alone ends one.
    const std::unique_ptr<pcre2_compile_context, void (*)(pcre2_compile_context*)> context{
        pcre2_compile_context_create(nullptr), pcre2_compile_context_free};
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* compiled =
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE, &error, &offset, context.get());
    if (compiled == nullptr) {
        throw RegexError{"the regular expression '" + std::string{pattern} +
                         "' cannot be compiled: " + message_of(error) + " (at byte " +
                         std::to_string(offset) + ")"};
    }
    code_ = std::make_shared<const Code>(compiled);
    // Where there is no just-in-time compiler the interpreter gives the same matches.
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
}

std::vector<Span> Regex::find_all(std::string_view text) const {
    const MatchData data{pcre2_match_data_create(1, nullptr)};
    std::vector<Span> found;
    std::optional<std::size_t> last_end;
    std::size_t start = 0;
    while (start <= text.size()) {
        const auto match = find_from(code_->compiled, data.get(), text, start, 0);
        if (!match) break;
        if (match->begin == match->end && last_end == match->end) {
            if (start >= text.size()) break;
            start += code_point_at(text, start).length;
            continue;
        }
        found.push_back(*match);
        last_end = match->end;
        start = match->end;
    }
    return found;
}

bool Regex::matches_at_start(std::string_view text) const {
    const MatchData data{pcre2_match_data_create(1, nullptr)};
    return find_from(code_->compiled, data.get(), text, 0, PCRE2_ANCHORED).has_value();
}

std::string escape_for_regex(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        const bool sign = std::string_view{"\\^$.[]|()?*+{}-#&~ \t"}.find(c) != std::string::npos;
        if (sign) pattern += '\\';
        pattern += c;
    }
    return pattern;
}

}  // namespace evoke::text
