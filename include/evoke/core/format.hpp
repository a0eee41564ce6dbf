#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

/// Formatted text for every module; stands for std::format until all compilers have it.
namespace evoke {

using fmt::format;
using fmt::join;

}  // namespace evoke
