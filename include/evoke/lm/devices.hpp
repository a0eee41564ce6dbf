#pragma once

namespace evoke::lm {

/// GPUs that this process can use; 0 without a driver.
[[nodiscard]] int visible_gpus();

}  // namespace evoke::lm
