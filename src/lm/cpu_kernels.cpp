#include "lm/cpu_kernels.hpp"

namespace evoke::lm::cpu {

const Kernels& kernels() {
#if defined(__x86_64__)
    static const Kernels& chosen = [&]() -> const Kernels& {
        const bool fused = __builtin_cpu_supports("fma") != 0;
        if (fused && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
            return avx512_kernels;
        if (fused && __builtin_cpu_supports("avx2")) return avx2_kernels;
        return generic_kernels;
    }();
    return chosen;
#else
    return generic_kernels;
#endif
}

}  // namespace evoke::lm::cpu
