#include "text/jinja/spelling.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "text/jinja/effort.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text::jinja {

namespace {

/// The shortest digits that read back as the same number, laid out as Python does.
std::string float_repr(double number) {
    if (std::isnan(number)) return "nan";
    if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                   std::chars_format::scientific)
                         .ptr;
    const std::string text{buffer.data(), end};
    const int exponent = std::stoi(text.substr(text.find('e') + 1));
    if (exponent < -4 || exponent >= 16) return text;
    std::string fixed(400, '\0');
    const auto fixed_end =
        std::to_chars(fixed.data(), fixed.data() + fixed.size(), number, std::chars_format::fixed)
            .ptr;
    fixed.resize(static_cast<std::size_t>(fixed_end - fixed.data()));
    return fixed.find('.') == std::string::npos ? fixed + ".0" : fixed;
}

std::string hex(char32_t c, std::size_t digits) {
    constexpr std::string_view letters = "0123456789abcdef";
    std::string text(digits, '0');
    for (std::size_t i = digits; i-- > 0; c >>= 4) text[i] = letters[c & 15];
    return text;
}

std::string string_repr(const std::string& text) {
    const bool has_single = text.find('\'') != std::string::npos;
    const char quote = has_single && text.find('"') == std::string::npos ? '"' : '\'';
    std::string result(1, quote);
    for (const char32_t c : to_utf32(text)) {
        if (c == U'\\' || c == static_cast<char32_t>(quote)) {
            result += '\\';
            append_utf8(result, c);
        } else if (c == U'\n') {
            result += "\\n";
        } else if (c == U'\t') {
            result += "\\t";
        } else if (c == U'\r') {
            result += "\\r";
        } else if (is_printable(c)) {
            append_utf8(result, c);
        } else if (c < 0x100) {
            result += "\\x" + hex(c, 2);
        } else {
            result += c < 0x10000 ? "\\u" + hex(c, 4) : "\\U" + hex(c, 8);
        }
    }
    return result + quote;
}

template <class Items, class Write>
std::string joined(const Items& items, Write write) {
    std::string text;
    for (const auto& item : items) {
        if (!text.empty()) grow(text, ", ");
        grow(text, write(item));
    }
    return text;
}

std::string list_repr(const List& list) {
    const std::string inside = joined(list.items, to_repr);
    if (list.kind == List::Kind::generator) throw RenderError{"a generator cannot be printed"};
    if (list.kind == List::Kind::list) return "[" + inside + "]";
    return "(" + inside + (list.items.size() == 1 ? ",)" : ")");
}

class JsonWriter {
public:
    explicit JsonWriter(const JsonStyle& style)
        : style_{style},
          item_separator_{style.item_separator.value_or(style.indent ? "," : ", ")},
          key_separator_{style.key_separator.value_or(": ")} {}

    std::string write(const Value& value, std::size_t level) {
        if (value.is_none()) return "null";
        if (const bool* flag = value.boolean()) return *flag ? "true" : "false";
        if (value.is_number()) return to_repr(value);
        if (const std::string* text = value.string()) return quoted(*text);
        if (const List* list = value.list(); list && list->kind != List::Kind::generator) {
            std::vector<std::string> parts;
            for (const Value& entry : list->items) parts.push_back(write(entry, level + 1));
            return bracketed('[', parts, ']', level);
        }
        if (const Dict* dict = value.dict()) return write_dict(*dict, level);
        require_defined(value);
        throw RenderError{std::string{value.type_name()} + " has no JSON form"};
    }

private:
    std::string write_dict(const Dict& dict, std::size_t level) {
        auto items = dict.items;
        if (style_.sort_keys) {
            std::stable_sort(items.begin(), items.end(),
                             [](const auto& a, const auto& b) { return less(a.first, b.first); });
        }
        std::vector<std::string> parts;
        for (const auto& [key, value] : items) {
            const std::string name = key.is_string() ? *key.string() : write(key, level);
            parts.push_back(quoted(name) + key_separator_ + write(value, level + 1));
        }
        return bracketed('{', parts, '}', level);
    }

    std::string bracketed(char open, const std::vector<std::string>& parts, char close,
                          std::size_t level) const {
        std::string text(1, open);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (i > 0) grow(text, item_separator_);
            if (style_.indent) grow(text, '\n' + std::string(*style_.indent * (level + 1), ' '));
            grow(text, parts[i]);
        }
        if (style_.indent && !parts.empty())
            text += '\n' + std::string(*style_.indent * level, ' ');
        return text + close;
    }

    std::string quoted(const std::string& text) const {
        std::string result = "\"";
        for (const char32_t c : to_utf32(text)) append_escaped(result, c);
        return result + '"';
    }

    void append_escaped(std::string& text, char32_t c) const {
        static constexpr std::array<std::pair<char32_t, const char*>, 7> named{{
            {U'"', "\\\""},
            {U'\\', "\\\\"},
            {U'\n', "\\n"},
            {U'\r', "\\r"},
            {U'\t', "\\t"},
            {U'\b', "\\b"},
            {U'\f', "\\f"},
        }};
        for (const auto& [character, escape] : named) {
            if (c == character) {
                text += escape;
                return;
            }
        }
        if (c >= 0x20 && (c < 0x7F || !style_.ensure_ascii)) {
            append_utf8(text, c);
        } else if (c < 0x10000) {
            text += "\\u" + hex(c, 4);
        } else {
            text += "\\u" + hex(0xD800 + ((c - 0x10000) >> 10), 4);
            text += "\\u" + hex(0xDC00 + ((c - 0x10000) & 0x3FF), 4);
        }
    }

    const JsonStyle& style_;
    std::string item_separator_;
    std::string key_separator_;
};

}  // namespace

std::string to_text(const Value& value) {
    if (value.is_undefined()) return {};
    return value.is_string() ? *value.string() : to_repr(value);
}

std::string to_repr(const Value& value) {
    if (const bool* flag = value.boolean()) return *flag ? "True" : "False";
    if (value.is_integer()) return std::to_string(value.integer("the number"));
    if (value.is_float()) return float_repr(value.as_double());
    if (const std::string* text = value.string()) return string_repr(*text);
    if (const List* list = value.list()) return list_repr(*list);
    if (const Dict* dict = value.dict()) {
        return "{" +
               joined(dict->items,
                      [](const auto& entry) {
                          return to_repr(entry.first) + ": " + to_repr(entry.second);
                      }) +
               "}";
    }
    if (value.is_none()) return "None";
    if (value.is_undefined()) return "Undefined";
    throw RenderError{"a " + std::string{value.type_name()} + " cannot be printed"};
}

std::string to_json(const Value& value, const JsonStyle& style) {
    return JsonWriter{style}.write(value, 0);
}

}  // namespace evoke::text::jinja
