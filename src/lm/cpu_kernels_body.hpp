// Compiled once per instruction set, by a file that defines EVOKE_KERNELS (the table's name),
// EVOKE_KERNELS_NAME and EVOKE_VECTOR_FLOATS, with the compiler's options for that set. Products
// that are added are fused where the set can (-ffp-contract=fast for these files alone).
// No standard library here: an inline function compiled for a newer processor could be the copy
// that the linker keeps for the whole program.

#include "lm/cpu_attention.hpp"
#include "lm/cpu_kernels.hpp"
#include "lm/cpu_matrix.hpp"
#include "lm/cpu_rows.hpp"

namespace evoke::lm::cpu {

namespace {

template <class T>
constexpr Typed<T> typed_kernels() {
    return {.attend = attend<T>,
            .add_norm = add_norm<T>,
            .add_layer_norm = add_layer_norm<T>,
            .add = add<T>,
            .activate = activate<T>,
            .store = store_states<T>,
            .pack = pack_rows<T>,
            .multiply = multiply<T, T>,
            .multiply_wide = multiply<T, float>};
}

}  // namespace

extern const Kernels EVOKE_KERNELS;
const Kernels EVOKE_KERNELS{.name = EVOKE_KERNELS_NAME,
                            .float32 = typed_kernels<float>(),
                            .bfloat16 = typed_kernels<BFloat16>(),
                            .logit_best = logit_best,
                            .logit_stats = logit_stats,
                            .soft_cap = soft_cap};

}  // namespace evoke::lm::cpu
