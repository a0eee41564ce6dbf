#pragma once

#include <optional>
#include <string>

#include "text/jinja/value.hpp"

namespace evoke::text::jinja {

/// The method `name` of a string, list or dict, bound to `value`; nullopt when it has none.
[[nodiscard]] std::optional<Value> bind_method(const Value& value, const std::string& name);

/// A method that Python has and this subset lacks.
[[nodiscard]] bool is_unsupported_method(const std::string& name);

/// str.strip with its variants: takes the characters of `set`, or white space, from the ends.
struct StripEnds {
    bool left = true;
    bool right = true;
};
[[nodiscard]] std::string strip(const std::string& text, const std::optional<std::string>& set,
                                StripEnds ends);
[[nodiscard]] std::string upper(const std::string& text);
[[nodiscard]] std::string title(const std::string& text);
[[nodiscard]] std::string capitalize(const std::string& text);
/// At most `count` times; negative: every time.
[[nodiscard]] std::string replace(const std::string& text, const std::string& from,
                                  const std::string& to, std::int64_t count);

}  // namespace evoke::text::jinja
