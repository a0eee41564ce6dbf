#include "evoke/lm/devices.hpp"

#include <ATen/Context.h>

namespace evoke::lm {

int visible_gpus() {
    return static_cast<int>(at::getNumGPUs());
}

}  // namespace evoke::lm
