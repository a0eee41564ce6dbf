#include "text/jinja/methods.hpp"

#include <algorithm>
#include <array>

#include "text/jinja/effort.hpp"
#include "text/jinja/spelling.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text::jinja {

namespace {

using Body = Value (*)(const Value&, const Arguments&);
struct Method {
    std::string_view name;
    std::size_t most;  ///< arguments; Python knows more for some
    Body body;
};

/// Python's white space includes four separators that Unicode's property leaves out.
bool is_python_space(char32_t c) {
    return is_whitespace(c) || (c >= 0x1C && c <= 0x1F);
}

const std::string& text_argument(const Arguments& arguments, std::size_t position,
                                 std::string_view name) {
    const Value* value = arguments.find(position, name);
    if (value == nullptr || !value->is_string()) {
        throw RenderError{"the argument '" + std::string{name} + "' must be a string"};
    }
    return *value->string();
}

std::int64_t count_argument(const Arguments& arguments, std::size_t position,
                            std::string_view name) {
    const Value* value = arguments.find(position, name);
    return value == nullptr ? -1 : value->integer(name);
}

Value strip_with(const Value& self, const Arguments& arguments, StripEnds ends) {
    const Value* set = arguments.find(0, "chars");
    std::optional<std::string> characters;
    if (set != nullptr && !set->is_none()) characters = text_argument(arguments, 0, "chars");
    return strip(*self.string(), characters, ends);
}

/// Python takes one ending or a tuple of them.
bool any_ending(const Arguments& arguments, const std::function<bool(const std::string&)>& holds) {
    const Value* value = arguments.find(0, "prefix");
    if (value != nullptr && value->list() != nullptr) {
        const auto& items = value->list()->items;
        return std::any_of(items.begin(), items.end(), [&](const Value& item) {
            return item.is_string() && holds(*item.string());
        });
    }
    return holds(text_argument(arguments, 0, "prefix"));
}

std::vector<Value> split_at(const std::string& text, const std::string& separator,
                            std::int64_t limit) {
    if (separator.empty()) throw RenderError{"split at an empty separator"};
    Effort::spend_on_search(text, separator);
    std::vector<Value> parts;
    std::size_t begin = 0;
    for (std::size_t at; limit != 0 && (at = text.find(separator, begin)) != std::string::npos;
         begin = at + separator.size(), --limit) {
        require_length(parts.size() + 1, longest_list);
        parts.emplace_back(text.substr(begin, at - begin));
    }
    parts.emplace_back(text.substr(begin));
    return parts;
}

std::vector<Value> split_from_right(const std::string& text, const std::string& separator,
                                    std::int64_t limit) {
    if (separator.empty()) throw RenderError{"split at an empty separator"};
    Effort::spend_on_search(text, separator);
    std::vector<Value> parts;
    std::string rest = text;
    for (std::size_t at; limit != 0 && (at = rest.rfind(separator)) != std::string::npos; --limit) {
        require_length(parts.size() + 1, longest_list);
        parts.emplace_back(rest.substr(at + separator.size()));
        rest.resize(at);
    }
    parts.emplace_back(rest);
    std::reverse(parts.begin(), parts.end());
    return parts;
}

/// Where the white space that `text` begins with at `at` ends.
std::size_t after_space(std::string_view text, std::size_t at) {
    while (at < text.size() && is_python_space(code_point_at(text, at).value)) {
        at += code_point_at(text, at).length;
    }
    return at;
}

std::vector<Value> split_at_space(std::string_view text, std::int64_t limit) {
    std::vector<Value> parts;
    std::size_t at = after_space(text, 0);
    while (at < text.size()) {
        require_length(parts.size() + 1, longest_list);
        if (limit-- == 0) {
            parts.emplace_back(text.substr(at));
            break;
        }
        const std::size_t begin = at;
        while (at < text.size() && !is_python_space(code_point_at(text, at).value)) {
            at += code_point_at(text, at).length;
        }
        parts.emplace_back(text.substr(begin, at - begin));
        at = after_space(text, at);
    }
    return parts;
}

Value split(const Value& self, const Arguments& arguments, bool from_right) {
    const Value* separator = arguments.find(0, "sep");
    const std::int64_t limit = count_argument(arguments, 1, "maxsplit");
    if (separator == nullptr || separator->is_none()) {
        if (from_right && limit >= 0) throw RenderError{"rsplit at white space with a limit"};
        return List{split_at_space(*self.string(), limit)};
    }
    const std::string& text = text_argument(arguments, 0, "sep");
    return List{from_right ? split_from_right(*self.string(), text, limit)
                           : split_at(*self.string(), text, limit)};
}

/// Where Python's splitlines ends a line.
bool ends_line(char32_t c) {
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
           c == 0x2029;
}

std::vector<Value> lines_of(std::string_view text) {
    std::vector<Value> lines;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = at;
        const CodePoint point = code_point_at(text, at);
        at += point.length;
        if (!ends_line(point.value)) continue;
        if (point.value == U'\r' && text.substr(at).starts_with('\n')) ++at;
        require_length(lines.size() + 1, longest_list);
        lines.emplace_back(text.substr(begin, end - begin));
        begin = at;
    }
    if (begin < text.size()) lines.emplace_back(text.substr(begin));
    return lines;
}

Value find_in(const Value& self, const Arguments& arguments) {
    const std::string& part = text_argument(arguments, 0, "sub");
    Effort::spend_on_search(*self.string(), part);
    const std::size_t at = self.string()->find(part);
    if (at == std::string::npos) return -1;
    return to_utf32(self.string()->substr(0, at)).size();
}

Value count_in(const Value& self, const Arguments& arguments) {
    return split_at(*self.string(), text_argument(arguments, 0, "sub"), -1).size() - 1;
}

Value join_with(const Value& self, const Arguments& arguments) {
    std::string text;
    bool first = true;
    for (const Value& item : iterate(arguments.at(0, "iterable"))) {
        if (!item.is_string()) throw RenderError{"join of something that is not a string"};
        if (!first) grow(text, *self.string());
        grow(text, *item.string());
        first = false;
    }
    return text;
}

constexpr std::array<Method, 19> string_methods{{
    {"strip", 1, [](const Value& s, const Arguments& a) { return strip_with(s, a, {}); }},
    {"lstrip", 1,
     [](const Value& s, const Arguments& a) {
         return strip_with(s, a, {true, false});
     }},
    {"rstrip", 1,
     [](const Value& s, const Arguments& a) {
         return strip_with(s, a, {false, true});
     }},
    {"split", 2, [](const Value& s, const Arguments& a) { return split(s, a, false); }},
    {"rsplit", 2, [](const Value& s, const Arguments& a) { return split(s, a, true); }},
    {"splitlines", 0,
     [](const Value& s, const Arguments&) -> Value { return List{lines_of(*s.string())}; }},
    {"startswith", 1,
     [](const Value& s, const Arguments& a) -> Value {
         return any_ending(a, [&](const std::string& end) { return s.string()->starts_with(end); });
     }},
    {"endswith", 1,
     [](const Value& s, const Arguments& a) -> Value {
         return any_ending(a, [&](const std::string& end) { return s.string()->ends_with(end); });
     }},
    {"removeprefix", 1,
     [](const Value& s, const Arguments& a) -> Value {
         const std::string& prefix = text_argument(a, 0, "prefix");
         return s.string()->starts_with(prefix) ? s.string()->substr(prefix.size()) : *s.string();
     }},
    {"removesuffix", 1,
     [](const Value& s, const Arguments& a) -> Value {
         const std::string& suffix = text_argument(a, 0, "suffix");
         const std::size_t rest = s.string()->size() - std::min(s.string()->size(), suffix.size());
         return s.string()->ends_with(suffix) ? s.string()->substr(0, rest) : *s.string();
     }},
    {"replace", 3,
     [](const Value& s, const Arguments& a) -> Value {
         return replace(*s.string(), text_argument(a, 0, "old"), text_argument(a, 1, "new"),
                        count_argument(a, 2, "count"));
     }},
    {"upper", 0, [](const Value& s, const Arguments&) -> Value { return upper(*s.string()); }},
    {"lower", 0, [](const Value& s, const Arguments&) -> Value { return lowercase(*s.string()); }},
    {"title", 0, [](const Value& s, const Arguments&) -> Value { return title(*s.string()); }},
    {"capitalize", 0,
     [](const Value& s, const Arguments&) -> Value { return capitalize(*s.string()); }},
    {"find", 1, find_in},
    {"count", 1, count_in},
    {"join", 1, join_with},
    {"isdigit", 0,
     [](const Value& s, const Arguments&) -> Value {
         return !s.string()->empty() && std::all_of(s.string()->begin(), s.string()->end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
     }},
}};

Value pairs_of(const Dict& dict) {
    List pairs;
    for (const auto& [key, value] : dict.items) {
        pairs.items.emplace_back(List{{key, value}, List::Kind::tuple});
    }
    return pairs;
}

constexpr std::array<Method, 4> dict_methods{{
    {"items", 0, [](const Value& s, const Arguments&) { return pairs_of(*s.dict()); }},
    {"keys", 0, [](const Value& s, const Arguments&) -> Value { return List{iterate(s)}; }},
    {"values", 0,
     [](const Value& s, const Arguments&) -> Value {
         List values;
         for (const auto& entry : s.dict()->items) values.items.push_back(entry.second);
         return values;
     }},
    {"get", 2,
     [](const Value& s, const Arguments& a) -> Value {
         if (const Value* found = s.dict()->find(a.at(0, "key"))) return *found;
         const Value* fallback = a.find(1, "default");
         return fallback == nullptr ? Value{None{}} : *fallback;
     }},
}};

constexpr std::array<Method, 2> list_methods{{
    {"index", 1,
     [](const Value& s, const Arguments& a) -> Value {
         const auto& items = s.list()->items;
         const auto found = std::find_if(items.begin(), items.end(), [&](const Value& item) {
             return equal(item, a.at(0, "value"));
         });
         if (found == items.end()) throw RenderError{"index of something that is not in the list"};
         return static_cast<std::int64_t>(found - items.begin());
     }},
    {"count", 1,
     [](const Value& s, const Arguments& a) -> Value {
         const auto& items = s.list()->items;
         return static_cast<std::int64_t>(
             std::count_if(items.begin(), items.end(),
                           [&](const Value& item) { return equal(item, a.at(0, "value")); }));
     }},
}};

template <std::size_t Count>
std::optional<Value> bind(const std::array<Method, Count>& methods, const Value& value,
                          const std::string& name) {
    for (const Method& method : methods) {
        if (method.name != name) continue;
        Effort::spend(value.is_string() ? value.string()->size() : 1);
        return Function{name,
                        [value, &method](const Arguments& given) {
                            const std::size_t count = given.positional.size() + given.named.size();
                            if (count > method.most) {
                                throw RenderError{"the method '" + std::string{method.name} +
                                                  "' with " + std::to_string(count) +
                                                  " arguments is not supported"};
                            }
                            return method.body(value, given);
                        },
                        value.extent()};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Value> bind_method(const Value& value, const std::string& name) {
    if (value.is_string()) return bind(string_methods, value, name);
    if (value.dict() != nullptr) return bind(dict_methods, value, name);
    if (value.list() != nullptr) return bind(list_methods, value, name);
    return std::nullopt;
}

bool is_unsupported_method(const std::string& name) {
    static constexpr std::array<std::string_view, 36> names{
        "format",      "format_map", "encode",    "partition",  "rpartition", "zfill",
        "center",      "ljust",      "rjust",     "expandtabs", "casefold",   "swapcase",
        "translate",   "maketrans",  "isalpha",   "isalnum",    "isspace",    "isupper",
        "islower",     "istitle",    "isnumeric", "isdecimal",  "isascii",    "isidentifier",
        "isprintable", "rfind",      "rindex",    "append",     "extend",     "insert",
        "pop",         "remove",     "update",    "setdefault", "popitem",    "copy"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string strip(const std::string& text, const std::optional<std::string>& set, StripEnds ends) {
    const std::u32string characters = set ? to_utf32(*set) : std::u32string{};
    Effort::spend_on_search(text, set.value_or(""));
    const auto goes = [&](char32_t c) {
        return set ? characters.find(c) != std::u32string::npos : is_python_space(c);
    };
    std::string_view rest = text;
    while (ends.left && !rest.empty() && goes(code_point_at(rest, 0).value)) {
        rest.remove_prefix(code_point_at(rest, 0).length);
    }
    while (ends.right && !rest.empty() && goes(last_code_point(rest).value)) {
        rest.remove_suffix(last_code_point(rest).length);
    }
    return std::string{rest};
}

std::string upper(const std::string& text) {
    std::string result;
    for (const char32_t c : to_utf32(text)) {
        if (c == 0xDF) {
            result += "SS";
        } else {
            append_utf8(result, to_upper(c));
        }
    }
    return result;
}

std::string title(const std::string& text) {
    std::string result;
    bool inside_word = false;
    for (const char32_t c : to_utf32(text)) {
        result += inside_word ? lowercase(to_utf8(c)) : upper(to_utf8(c));
        inside_word = to_upper(c) != c || lowercase(to_utf8(c)) != to_utf8(c);
    }
    return result;
}

std::string capitalize(const std::string& text) {
    if (text.empty()) return text;
    const std::size_t first = code_point_at(text, 0).length;
    return upper(text.substr(0, first)) + lowercase(text.substr(first));
}

std::string replace(const std::string& text, const std::string& from, const std::string& to,
                    std::int64_t count) {
    if (from.empty()) throw RenderError{"replace of an empty text"};
    Effort::spend_on_search(text, from);
    std::string result;
    std::size_t begin = 0;
    for (std::size_t at; count != 0 && (at = text.find(from, begin)) != std::string::npos;
         begin = at + from.size(), --count) {
        grow(result, std::string_view{text}.substr(begin, at - begin));
        grow(result, to);
    }
    grow(result, std::string_view{text}.substr(begin));
    return result;
}

}  // namespace evoke::text::jinja
