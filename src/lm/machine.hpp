#pragma once

#include <string>

namespace evoke::lm {

/// Cores that this process may run on.
[[nodiscard]] int available_cores();
/// "Intel(R) Xeon(R) …"; empty when the system does not say.
[[nodiscard]] std::string processor_name();
/// "NVIDIA H200", of CUDA's device `number`; empty when the driver is not there to say.
[[nodiscard]] std::string gpu_name(int number);
/// AVX512-BF16 or AMX: bfloat16 products are faster than float32 ones.
[[nodiscard]] bool processor_prefers_bfloat16();

}  // namespace evoke::lm
