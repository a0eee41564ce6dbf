#pragma once

#include <vector>

#include "app/json_lines.hpp"
#include "evoke/text/chat_template.hpp"

namespace evoke::app {

/// The field "messages": [{"role", "content"}, …]. Throws BadLine.
[[nodiscard]] std::vector<text::Message> messages_of(const Json& line);

}  // namespace evoke::app
