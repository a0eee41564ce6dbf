#pragma once

#include <cstddef>

namespace evoke::test {

/// The largest single piece of memory that this program asked `new` for since it was last set to
/// zero. Programs that link largest_request.cpp have their global `new` replaced.
extern std::size_t largest_request;

}  // namespace evoke::test
