#pragma once

#include "text/jinja/value.hpp"

namespace evoke::text::jinja {

/// Filters over the items of a value. Each takes the input and the filter's arguments.

[[nodiscard]] Value to_list(const Value& input, const Arguments& arguments);
[[nodiscard]] Value to_items(const Value& input, const Arguments& arguments);
[[nodiscard]] Value first_item(const Value& input, const Arguments& arguments);
[[nodiscard]] Value last_item(const Value& input, const Arguments& arguments);
[[nodiscard]] Value join(const Value& input, const Arguments& arguments);
[[nodiscard]] Value reversed(const Value& input, const Arguments& arguments);
[[nodiscard]] Value unique(const Value& input, const Arguments& arguments);
[[nodiscard]] Value sorted(const Value& input, const Arguments& arguments);
[[nodiscard]] Value dict_sorted(const Value& input, const Arguments& arguments);
[[nodiscard]] Value mapped(const Value& input, const Arguments& arguments);
[[nodiscard]] Value selected(const Value& input, const Arguments& arguments);
[[nodiscard]] Value rejected(const Value& input, const Arguments& arguments);
[[nodiscard]] Value selected_by_attribute(const Value& input, const Arguments& arguments);
[[nodiscard]] Value rejected_by_attribute(const Value& input, const Arguments& arguments);
[[nodiscard]] Value smallest(const Value& input, const Arguments& arguments);
[[nodiscard]] Value largest(const Value& input, const Arguments& arguments);
[[nodiscard]] Value sum(const Value& input, const Arguments& arguments);
[[nodiscard]] Value grouped(const Value& input, const Arguments& arguments);

}  // namespace evoke::text::jinja
