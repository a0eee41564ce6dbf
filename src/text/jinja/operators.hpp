#pragma once

#include "text/jinja/expression.hpp"

namespace evoke::text::jinja {

/// Those that need both sides; throws RenderError for types that Python would not combine.
[[nodiscard]] Value combine(BinaryOperator op, const Value& left, const Value& right);
[[nodiscard]] bool compare(Comparison comparison, const Value& left, const Value& right);
/// Python's slicing; a missing bound is none.
[[nodiscard]] Value slice(const Value& value, const Value& start, const Value& stop,
                          const Value& step);

}  // namespace evoke::text::jinja
