#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "evoke/core/random.hpp"
#include "lm/cpu_kernels.hpp"

namespace evoke::lm::cpu {

using Int = std::int64_t;

inline std::vector<const Kernels*> available() {
    std::vector<const Kernels*> all{&generic_kernels};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        all.push_back(&avx2_kernels);
    if (&kernels() == &avx512_kernels) all.push_back(&avx512_kernels);
#endif
    return all;
}

inline std::vector<float> noise(Int count, std::uint32_t slot) {
    const RandomKey key{.seed = 4, .slot = slot};
    std::vector<float> values;
    for (std::uint32_t i = 0; i < count; ++i)
        values.push_back(static_cast<float>(2.0 * random_uniform(key, i) - 1.0));
    return values;
}

inline BFloat16 cut(float value) {
    return {static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16U)};
}

inline float widened(BFloat16 value) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16U);
}

}  // namespace evoke::lm::cpu
