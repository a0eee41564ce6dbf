#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "evoke/core/error.hpp"

namespace evoke::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

[[noreturn]] inline void report(std::string_view mistake) {
    std::cerr << mistake << '\n';
    std::abort();
}

/// Runs `use`, which may refuse its input by an error whose message is one line; anything else that
/// escapes ends the program.
template <class Use>
void refused_or_used(Use use) {
    try {
        use();
    } catch (const Error& error) {
        if (std::string_view{error.what()}.find('\n') != std::string_view::npos)
            report("a message of several lines");
    }
}

}  // namespace evoke::fuzz
