#pragma once

#include <cstdint>
#include <string>

#include "evoke/checkpoint/generation_file.hpp"

namespace evoke::test {

struct SampleSize {
    std::uint32_t individuals = 6;
    std::uint32_t examples = 12;
};

/// A generation with something in every part of it, a pure function of its arguments: the same
/// bytes in every process.
[[nodiscard]] checkpoint::GenerationRecord sample_generation(std::uint32_t generation,
                                                             const std::string& previous_digest,
                                                             SampleSize size = {});

}  // namespace evoke::test
