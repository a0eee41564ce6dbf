#include "text/unicode.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <new>

#include "text/regex.hpp"
#include "text/unicode_exceptions.hpp"
#include "text/utf8.hpp"

namespace evoke::text {

namespace {

utf8proc_category_t category(char32_t c) {
    return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

struct Free {
    void operator()(utf8proc_uint8_t* text) const { std::free(text); }
};

int options_of(NormalForm form) {
    switch (form) {
        case NormalForm::nfc:
            return UTF8PROC_STABLE | UTF8PROC_COMPOSE;
        case NormalForm::nfd:
            return UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
        case NormalForm::nfkc:
            return UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
        case NormalForm::nfkd:
            break;
    }
    return UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
}

std::string normalize_all(std::string_view text, NormalForm form) {
    if (is_ascii(text)) return std::string{text};
    utf8proc_uint8_t* result = nullptr;
    const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &result,
                                     static_cast<utf8proc_option_t>(options_of(form)));
    const std::unique_ptr<utf8proc_uint8_t, Free> owner{result};
    if (length < 0) throw std::bad_alloc{};
    return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(length)};
}

}  // namespace

bool is_whitespace(char32_t c) {
    if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_numeric(char32_t c) {
    if (c < 0x80) return c >= '0' && c <= '9';
    const auto found = category(c);
    const bool number = found >= UTF8PROC_CATEGORY_ND && found <= UTF8PROC_CATEGORY_NO;
    return number || is_newer_number(c);
}

bool is_punctuation(char32_t c) {
    if (c < 0x80) {
        return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
               (c >= '{' && c <= '~');
    }
    const auto found = category(c);
    const bool sign = found >= UTF8PROC_CATEGORY_PC && found <= UTF8PROC_CATEGORY_PO;
    return sign != differs_as_punctuation(c);
}

bool is_combining_mark(char32_t c) {
    const auto found = category(c);
    const bool mark = found >= UTF8PROC_CATEGORY_MN && found <= UTF8PROC_CATEGORY_ME;
    return mark != differs_as_mark(c);
}

bool is_nonspacing_mark(char32_t c) {
    return (category(c) == UTF8PROC_CATEGORY_MN) != differs_as_nonspacing_mark(c);
}

bool is_control_or_private(char32_t c) {
    const auto found = category(c);
    const bool control = found == UTF8PROC_CATEGORY_CC || found == UTF8PROC_CATEGORY_CF ||
                         found == UTF8PROC_CATEGORY_CO;
    return control != differs_as_control(c);
}

bool is_word(char32_t c) {
    static const Regex word{R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}])"};
    return word.matches_at_start(to_utf8(c));
}

bool is_printable(char32_t c) {
    if (c < 0x7F) return c >= 0x20;
    const auto found = category(c);
    const bool separator = found >= UTF8PROC_CATEGORY_ZS && found <= UTF8PROC_CATEGORY_ZP;
    return !separator && found < UTF8PROC_CATEGORY_CC && found != UTF8PROC_CATEGORY_CN;
}

char32_t to_upper(char32_t c) {
    return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
}

std::string lowercase(std::string_view text) {
    std::string lowered;
    lowered.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        at += point.length;
        // The only character whose small form is two characters.
        if (point.value == 0x130) {
            lowered += "i\u0307";
        } else {
            const auto known = static_cast<utf8proc_int32_t>(newer_lowercase(point.value));
            append_utf8(lowered, static_cast<char32_t>(utf8proc_tolower(known)));
        }
    }
    return lowered;
}

std::string normalize(std::string_view text, NormalForm form) {
    if (is_ascii(text)) return std::string{text};
    std::string result;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        if (is_inert_in_normalization(point.value)) {
            result += normalize_all(text.substr(begin, at - begin), form);
            result += text.substr(at, point.length);
            begin = at + point.length;
        }
        at += point.length;
    }
    return result += normalize_all(text.substr(begin), form);
}

}  // namespace evoke::text
