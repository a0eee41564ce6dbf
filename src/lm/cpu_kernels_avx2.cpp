// NOLINTBEGIN(cppcoreguidelines-macro-usage): parameters of the body, see there.
#define EVOKE_KERNELS avx2_kernels
#define EVOKE_KERNELS_NAME "avx2"
#define EVOKE_VECTOR_FLOATS 8
// NOLINTEND(cppcoreguidelines-macro-usage)
#include "lm/cpu_kernels_body.hpp"
