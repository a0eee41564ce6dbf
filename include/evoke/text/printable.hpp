#pragma once

#include <string_view>

namespace evoke::text {

/// Whether the text is valid UTF-8, not empty, and free of control and unassigned characters: what
/// a person could type.
[[nodiscard]] bool is_printable(std::string_view text);

}  // namespace evoke::text
