#include <string>
#include <utility>

#include "evoke/core/log.hpp"
#include "lm/cuda/device_ops.hpp"
#include "lm/cuda/flash_attention.hpp"
#include "lm/cuda/kernel_ops.hpp"
#include "lm/cuda/self_check.hpp"

namespace evoke::lm::cuda {

DeviceOps best_ops(const ModelSpec& spec, at::ScalarType dtype, at::Device device) {
    DeviceOps ops = math_ops();
    const auto use = [&](DeviceOps faster, const std::string& name) {
        const std::string doubt = why_not(faster, spec, dtype, device);
        if (doubt.empty()) {
            ops = std::move(faster);
            ops.name += "+" + name;
        } else {
            log::warn("{} are not used on {}, which is slower without them: {}", name, device.str(),
                      doubt);
        }
    };
    if (kernels_take(dtype, device)) use(with_kernels(ops), "kernels-1");
    if (flash_takes(spec, dtype, device)) {
        DeviceOps faster = ops;
        faster.attend = flash_attend;
        faster.repeatable = true;
        use(std::move(faster), "flash-1");
    }
    return ops;
}

}  // namespace evoke::lm::cuda
