#pragma once

#include <optional>
#include <string>

#include "text/jinja/value.hpp"

namespace evoke::text::jinja {

/// What str() gives in Python.
[[nodiscard]] std::string to_text(const Value& value);
/// What repr() gives in Python.
[[nodiscard]] std::string to_repr(const Value& value);

struct JsonStyle {
    bool ensure_ascii = false;
    bool sort_keys = false;
    std::optional<std::size_t> indent;  ///< spaces a level; nullopt: all on one line
    std::optional<std::string> item_separator;
    std::optional<std::string> key_separator;
};

/// What json.dumps() gives in Python. Throws RenderError for what JSON does not have.
[[nodiscard]] std::string to_json(const Value& value, const JsonStyle& style = {});

}  // namespace evoke::text::jinja
