#pragma once

#include <string_view>

#include "text/jinja/value.hpp"

namespace evoke::text::jinja {

using Filter = Value (*)(const Value& input, const Arguments& arguments);
using Test = bool (*)(const Value& input, const Arguments& arguments);

/// nullptr when there is no filter of that name.
[[nodiscard]] Filter find_filter(std::string_view name);
/// nullptr when there is no test of that name.
[[nodiscard]] Test find_test(std::string_view name);

}  // namespace evoke::text::jinja
