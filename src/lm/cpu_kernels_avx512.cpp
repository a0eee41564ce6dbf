// NOLINTBEGIN(cppcoreguidelines-macro-usage): parameters of the body, see there.
#define EVOKE_KERNELS avx512_kernels
#define EVOKE_KERNELS_NAME "avx512"
#define EVOKE_VECTOR_FLOATS 16
// NOLINTEND(cppcoreguidelines-macro-usage)
#include "lm/cpu_kernels_body.hpp"
