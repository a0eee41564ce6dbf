#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace evoke::text::jinja {

/// The inside of a quoted string with Python's escapes resolved. Throws SyntaxError.
[[nodiscard]] std::string unescape(std::string_view text, std::size_t line);

}  // namespace evoke::text::jinja
