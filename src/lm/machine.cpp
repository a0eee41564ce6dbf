#include "lm/machine.hpp"

#include <dlfcn.h>
#include <sched.h>

#include <array>
#include <fstream>
#include <memory>
#include <thread>

namespace evoke::lm {

int available_cores() {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
    const unsigned count = std::thread::hardware_concurrency();
    return count == 0 ? 1 : static_cast<int>(count);
}

std::string processor_name() {
    std::ifstream file{"/proc/cpuinfo"};
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos)
            return line.substr(colon + 2);
    }
    return {};
}

// The driver's own names and types, which are stable; its headers come with nvcc, which a build may
// lack.
std::string gpu_name(int number) {
    const auto close = [](void* library) { dlclose(library); };
    const std::unique_ptr<void, decltype(close)> driver{dlopen("libcuda.so.1", RTLD_LAZY), close};
    if (!driver) return {};
    const auto get =
        reinterpret_cast<int (*)(int* device, int number)>(dlsym(driver.get(), "cuDeviceGet"));
    const auto get_name = reinterpret_cast<int (*)(char* name, int size, int device)>(
        dlsym(driver.get(), "cuDeviceGetName"));
    int device = 0;
    std::array<char, 256> name{};
    if (get == nullptr || get_name == nullptr || get(&device, number) != 0 ||
        get_name(name.data(), static_cast<int>(name.size()) - 1, device) != 0)
        return {};
    return name.data();
}

bool processor_prefers_bfloat16() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16") != 0 || __builtin_cpu_supports("amx-bf16") != 0;
#else
    return false;
#endif
}

}  // namespace evoke::lm
