#include "text/jinja/filters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "text/jinja/effort.hpp"
#include "text/jinja/list_filters.hpp"
#include "text/jinja/methods.hpp"
#include "text/jinja/spelling.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text::jinja {

namespace {

bool flag(const Arguments& arguments, std::size_t position, std::string_view name, bool fallback) {
    const Value* value = arguments.find(position, name);
    return value == nullptr ? fallback : value->truth();
}

Value default_of(const Value& input, const Arguments& arguments) {
    const bool replace =
        input.is_undefined() || (flag(arguments, 1, "boolean", false) && !input.truth());
    if (!replace) return input;
    const Value* fallback = arguments.find(0, "default_value");
    return fallback == nullptr ? Value{""} : *fallback;
}

Value trim(const Value& input, const Arguments& arguments) {
    const Value* set = arguments.find(0, "chars");
    std::optional<std::string> characters;
    if (set != nullptr && !set->is_none()) characters = to_text(*set);
    return strip(to_text(input), characters, {});
}

Value json(const Value& input, const Arguments& arguments) {
    JsonStyle style;
    style.ensure_ascii = flag(arguments, 0, "ensure_ascii", false);
    style.sort_keys = flag(arguments, 3, "sort_keys", false);
    if (const Value* indent = arguments.find(1, "indent");
        indent != nullptr && !indent->is_none()) {
        style.indent =
            static_cast<std::size_t>(std::clamp<std::int64_t>(indent->integer("indent"), 0, 64));
    }
    const Value* separators = arguments.find(2, "separators");
    if (separators != nullptr && !separators->is_none()) {
        style.item_separator = to_text(item(*separators, 0));
        style.key_separator = to_text(item(*separators, 1));
    }
    return to_json(input, style);
}

Value replaced(const Value& input, const Arguments& arguments) {
    const Value* count = arguments.find(2, "count");
    const bool every = count == nullptr || count->is_none();
    return replace(to_text(input), to_text(arguments.at(0, "old")), to_text(arguments.at(1, "new")),
                   every ? -1 : count->integer("count"));
}

/// All lines but the first, or but the empty ones, get `width` spaces.
Value indented(const Value& input, const Arguments& arguments) {
    const Value* width = arguments.find(0, "width");
    std::string indent(4, ' ');
    if (width != nullptr && width->is_string()) {
        indent = *width->string();
    } else if (width != nullptr) {
        const std::int64_t spaces = std::clamp<std::int64_t>(width->integer("width"), 0, 1000);
        indent.assign(static_cast<std::size_t>(spaces), ' ');
    }
    const bool blank = flag(arguments, 2, "blank", false);
    const std::string text = to_text(input);
    std::string result = flag(arguments, 1, "first", false) ? indent : "";
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find('\n', begin);
        grow(result, std::string_view{text}.substr(begin, end - begin));
        if (end == std::string::npos) return result;
        result += '\n';
        begin = end + 1;
        const bool empty_line = begin == text.size() || text[begin] == '\n';
        if (blank || !empty_line) grow(result, indent);
    }
}

template <class Number>
std::optional<Number> parsed(const std::string& text) {
    const std::string trimmed = strip(text, std::nullopt, {});
    Number number{};
    const char* end = trimmed.data() + trimmed.size();
    const auto result = std::from_chars(trimmed.data(), end, number);
    if (trimmed.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
    return number;
}

std::int64_t truncated(double number) {
    const bool fits = number >= -0x1p63 && number < 0x1p63;
    if (!fits) throw RenderError{"an integer leaves its range"};
    return static_cast<std::int64_t>(number);
}

Value to_integer(const Value& input, const Arguments& arguments) {
    if (input.is_float()) return truncated(input.as_double());
    if (input.is_number()) return input.integer("the value");
    if (const std::string* text = input.string()) {
        if (const auto number = parsed<std::int64_t>(*text)) return *number;
        if (const auto number = parsed<double>(*text)) return truncated(*number);
    }
    const Value* fallback = arguments.find(0, "default");
    return fallback == nullptr ? Value{0} : *fallback;
}

Value to_float(const Value& input, const Arguments& arguments) {
    if (input.is_number()) return input.as_double();
    if (const std::string* text = input.string()) {
        if (const auto number = parsed<double>(*text)) return *number;
    }
    const Value* fallback = arguments.find(0, "default");
    return fallback == nullptr ? Value{0.0} : *fallback;
}

Value absolute(const Value& input, const Arguments&) {
    if (input.is_float()) return std::abs(input.as_double());
    const std::int64_t number = input.integer("the value");
    if (number == INT64_MIN) throw RenderError{"an integer leaves its range"};
    return std::abs(number);
}

Value escaped(const Value& input, const Arguments&) {
    std::string text = to_text(input);
    text = replace(text, "&", "&amp;", -1);
    text = replace(text, "<", "&lt;", -1);
    text = replace(text, ">", "&gt;", -1);
    text = replace(text, "'", "&#39;", -1);
    return replace(text, "\"", "&#34;", -1);
}

Value attribute_of(const Value& input, const Arguments& arguments) {
    return attribute(input, to_text(arguments.at(0, "name")));
}

struct NamedFilter {
    std::string_view name;
    Filter filter;
};

constexpr Filter size_of = [](const Value& v, const Arguments&) -> Value { return length(v); };
constexpr Filter text_of = [](const Value& v, const Arguments&) -> Value { return to_text(v); };

constexpr std::array<NamedFilter, 39> filters{{
    {"default", default_of},
    {"d", default_of},
    {"trim", trim},
    {"tojson", json},
    {"replace", replaced},
    {"indent", indented},
    {"int", to_integer},
    {"float", to_float},
    {"abs", absolute},
    {"escape", escaped},
    {"e", escaped},
    {"attr", attribute_of},
    {"length", size_of},
    {"count", size_of},
    {"string", text_of},
    {"safe", text_of},
    {"upper", [](const Value& v, const Arguments&) -> Value { return upper(to_text(v)); }},
    {"lower", [](const Value& v, const Arguments&) -> Value { return lowercase(to_text(v)); }},
    {"title", [](const Value& v, const Arguments&) -> Value { return title(to_text(v)); }},
    {"capitalize",
     [](const Value& v, const Arguments&) -> Value { return capitalize(to_text(v)); }},
    {"list", to_list},
    {"items", to_items},
    {"first", first_item},
    {"last", last_item},
    {"join", join},
    {"reverse", reversed},
    {"unique", unique},
    {"sort", sorted},
    {"dictsort", dict_sorted},
    {"map", mapped},
    {"select", selected},
    {"reject", rejected},
    {"selectattr", selected_by_attribute},
    {"rejectattr", rejected_by_attribute},
    {"min", smallest},
    {"max", largest},
    {"sum", sum},
    {"wordcount",
     [](const Value& v, const Arguments&) -> Value {
         return length(bind_method(to_text(v), "split")->function()->call({}));
     }},
    {"groupby", grouped},
}};

}  // namespace

Filter find_filter(std::string_view name) {
    const auto found =
        std::find_if(filters.begin(), filters.end(),
                     [name](const NamedFilter& filter) { return filter.name == name; });
    return found == filters.end() ? nullptr : found->filter;
}

}  // namespace evoke::text::jinja
