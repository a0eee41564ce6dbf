// NOLINTBEGIN(cppcoreguidelines-macro-usage): parameters of the body, see there.
#define EVOKE_KERNELS generic_kernels
#define EVOKE_KERNELS_NAME "generic"
#define EVOKE_VECTOR_FLOATS 4
// NOLINTEND(cppcoreguidelines-macro-usage)
#include "lm/cpu_kernels_body.hpp"
