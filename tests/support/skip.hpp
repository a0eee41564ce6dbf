#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace evoke::test {

/// True where a missing tool or missing data is a failure, as in continuous integration:
/// EVOKE_NO_SKIP=1.
inline bool skipping_is_forbidden() {
    const char* value = std::getenv("EVOKE_NO_SKIP");
    return value != nullptr && std::string_view{value} == "1";
}

}  // namespace evoke::test

/// Ends the test: skipped with the reason, or failed where skipping is forbidden. A macro because
/// it returns.
#define EVOKE_SKIP(reason)                                               \
    if (evoke::test::skipping_is_forbidden())                            \
        GTEST_FAIL() << "EVOKE_NO_SKIP=1 forbids to skip: " << (reason); \
    else                                                                 \
        GTEST_SKIP() << (reason)
