#include "text/jinja/methods.hpp"

#include <algorithm>
#include <array>

#include "text/jinja/spelling.hpp"
#include "text/unicode.hpp"
#include "text/utf8.hpp"

namespace evoke::text::jinja {

namespace {

using Body = Value (*)(const Value&, const Arguments&);
struct Method {
    std::string_view name;
    Body body;
};

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
    std::vector<Value> parts;
    std::size_t begin = 0;
    for (std::size_t at; limit != 0 && (at = text.find(separator, begin)) != std::string::npos;
         begin = at + separator.size(), --limit) {
        parts.emplace_back(text.substr(begin, at - begin));
    }
    parts.emplace_back(text.substr(begin));
    return parts;
}

std::vector<Value> split_from_right(const std::string& text, const std::string& separator,
                                    std::int64_t limit) {
    if (separator.empty()) throw RenderError{"split at an empty separator"};
    std::vector<Value> parts;
    std::string rest = text;
    for (std::size_t at; limit != 0 && (at = rest.rfind(separator)) != std::string::npos; --limit) {
        parts.emplace_back(rest.substr(at + separator.size()));
        rest.resize(at);
    }
    parts.emplace_back(rest);
    std::reverse(parts.begin(), parts.end());
    return parts;
}

std::vector<Value> split_at_space(const std::string& text, std::int64_t limit) {
    std::vector<Value> parts;
    std::string rest = strip(text, std::nullopt, {true, false});
    while (!rest.empty()) {
        std::size_t end = 0;
        while (end < rest.size() && !is_whitespace(code_point_at(rest, end).value)) {
            end += code_point_at(rest, end).length;
        }
        if (limit == 0) {
            parts.emplace_back(rest);
            break;
        }
        parts.emplace_back(rest.substr(0, end));
        rest = strip(rest.substr(end), std::nullopt, {true, false});
        --limit;
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

std::vector<Value> lines_of(const std::string& text) {
    std::vector<Value> lines = split_at(text, "\n", -1);
    if (lines.back().string()->empty()) lines.pop_back();
    return lines;
}

Value find_in(const Value& self, const Arguments& arguments) {
    const std::size_t at = self.string()->find(text_argument(arguments, 0, "sub"));
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
        text += (first ? std::string{} : *self.string()) + *item.string();
        first = false;
    }
    return text;
}

constexpr std::array<Method, 19> string_methods{{
    {"strip", [](const Value& s, const Arguments& a) { return strip_with(s, a, {}); }},
    {"lstrip",
     [](const Value& s, const Arguments& a) {
         return strip_with(s, a, {true, false});
     }},
    {"rstrip",
     [](const Value& s, const Arguments& a) {
         return strip_with(s, a, {false, true});
     }},
    {"split", [](const Value& s, const Arguments& a) { return split(s, a, false); }},
    {"rsplit", [](const Value& s, const Arguments& a) { return split(s, a, true); }},
    {"splitlines",
     [](const Value& s, const Arguments&) -> Value { return List{lines_of(*s.string())}; }},
    {"startswith",
     [](const Value& s, const Arguments& a) -> Value {
         return any_ending(a, [&](const std::string& end) { return s.string()->starts_with(end); });
     }},
    {"endswith",
     [](const Value& s, const Arguments& a) -> Value {
         return any_ending(a, [&](const std::string& end) { return s.string()->ends_with(end); });
     }},
    {"removeprefix",
     [](const Value& s, const Arguments& a) -> Value {
         const std::string& prefix = text_argument(a, 0, "prefix");
         return s.string()->starts_with(prefix) ? s.string()->substr(prefix.size()) : *s.string();
     }},
    {"removesuffix",
     [](const Value& s, const Arguments& a) -> Value {
         const std::string& suffix = text_argument(a, 0, "suffix");
         const std::size_t rest = s.string()->size() - std::min(s.string()->size(), suffix.size());
         return s.string()->ends_with(suffix) ? s.string()->substr(0, rest) : *s.string();
     }},
    {"replace",
     [](const Value& s, const Arguments& a) -> Value {
         return replace(*s.string(), text_argument(a, 0, "old"), text_argument(a, 1, "new"),
                        count_argument(a, 2, "count"));
     }},
    {"upper", [](const Value& s, const Arguments&) -> Value { return upper(*s.string()); }},
    {"lower", [](const Value& s, const Arguments&) -> Value { return lowercase(*s.string()); }},
    {"title", [](const Value& s, const Arguments&) -> Value { return title(*s.string()); }},
    {"capitalize",
     [](const Value& s, const Arguments&) -> Value { return capitalize(*s.string()); }},
    {"find", find_in},
    {"count", count_in},
    {"join", join_with},
    {"isdigit",
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
    {"items", [](const Value& s, const Arguments&) { return pairs_of(*s.dict()); }},
    {"keys", [](const Value& s, const Arguments&) -> Value { return List{iterate(s)}; }},
    {"values",
     [](const Value& s, const Arguments&) -> Value {
         List values;
         for (const auto& entry : s.dict()->items) values.items.push_back(entry.second);
         return values;
     }},
    {"get",
     [](const Value& s, const Arguments& a) -> Value {
         if (const Value* found = s.dict()->find(a.at(0, "key"))) return *found;
         const Value* fallback = a.find(1, "default");
         return fallback == nullptr ? Value{None{}} : *fallback;
     }},
}};

constexpr std::array<Method, 2> list_methods{{
    {"index",
     [](const Value& s, const Arguments& a) -> Value {
         const auto& items = s.list()->items;
         const auto found = std::find_if(items.begin(), items.end(), [&](const Value& item) {
             return equal(item, a.at(0, "value"));
         });
         if (found == items.end()) throw RenderError{"index of something that is not in the list"};
         return static_cast<std::int64_t>(found - items.begin());
     }},
    {"count",
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
        return Function{name, [value, body = method.body](const Arguments& arguments) {
                            return body(value, arguments);
                        }};
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
    const auto goes = [&](char32_t c) {
        // Python's white space includes four separators that Unicode's property leaves out.
        return set ? characters.find(c) != std::u32string::npos
                   : is_whitespace(c) || (c >= 0x1C && c <= 0x1F);
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
    std::string result;
    std::size_t begin = 0;
    for (std::size_t at; count != 0 && (at = text.find(from, begin)) != std::string::npos;
         begin = at + from.size(), --count) {
        result += text.substr(begin, at - begin) + to;
    }
    return result + text.substr(begin);
}

}  // namespace evoke::text::jinja
