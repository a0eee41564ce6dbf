#include "lm/memory_budget.hpp"

#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>

namespace evoke::lm {

namespace {

constexpr std::int64_t most_automatic = 2048;
constexpr std::int64_t least_automatic = 64;

/// What a row of a forward takes while a layer works on it, roughly and rather too much.
std::size_t bytes_of_row(const ModelSpec& spec, at::ScalarType dtype) {
    const std::int64_t stream = 2 * spec.hidden * static_cast<std::int64_t>(sizeof(float));
    const std::int64_t attention = 4 * spec.query_size() + 2 * spec.key_value_size();
    const std::int64_t wide =
        std::max(spec.feed_forward, spec.experts.feed_forward * spec.experts.used);
    const std::int64_t activations = 2 * spec.hidden + attention + 3 * wide;
    return static_cast<std::size_t>(
        stream + activations * static_cast<std::int64_t>(c10::elementSize(dtype)));
}

}  // namespace

std::int64_t fitting_chunk(const ModelSpec& spec, at::ScalarType dtype,
                           std::size_t beside_weights) {
    std::int64_t chunk = most_automatic;
    while (chunk > least_automatic &&
           static_cast<std::size_t>(chunk) * bytes_of_row(spec, dtype) > beside_weights / 4)
        chunk /= 2;
    return chunk;
}

std::int64_t chunk_tokens(const ModelOptions& options, const ModelSpec& spec,
                          std::uint64_t parameters, at::ScalarType dtype, at::Device device) {
    if (options.chunk_tokens > 0) return options.chunk_tokens;
    if (device.is_cpu()) return most_automatic;
    const std::size_t all =
        c10::getDeviceAllocator(device.type())->getMemoryInfo(device.index()).second;
    const std::size_t weights = parameters * c10::elementSize(dtype);
    return fitting_chunk(spec, dtype, all > weights ? all - weights : 0);
}

std::size_t prefix_cache_bytes(const ModelOptions& options, at::Device device) {
    if (options.prefix_cache_mib >= 0)
        return static_cast<std::size_t>(options.prefix_cache_mib) << 20U;
    if (device.is_cpu()) return std::size_t{256} << 20U;
    const std::size_t free =
        c10::getDeviceAllocator(device.type())->getMemoryInfo(device.index()).first;
    return free / 8 * 3;
}

}  // namespace evoke::lm
