#include "lm/converted_weights.hpp"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <array>
#include <utility>

#include "evoke/core/error.hpp"
#include "evoke/core/log.hpp"

namespace evoke::lm {

namespace {

/// Tensors start at multiples of this.
constexpr std::size_t alignment = 64;
/// Less is not worth a file.
constexpr std::size_t least_bytes = std::size_t{16} << 20U;
/// Raised when what the file holds for a checkpoint and a type changes.
constexpr const char* version = "-2";

std::size_t padding_after(std::size_t bytes) {
    return (alignment - bytes % alignment) % alignment;
}

/// In parts, so that the rank that converts needs no copy either; small ones, whose memory the
/// allocator does not keep.
void write_parts(const at::Tensor& whole, at::ScalarType dtype, const HostFile::Append& append) {
    constexpr std::int64_t part = std::int64_t{1} << 18;
    const std::int64_t size = whole.numel() / whole.size(0);
    if (size > part) {
        for (const at::Tensor& some : whole.unbind()) write_parts(some, dtype, append);
        return;
    }
    const std::int64_t count = part / size;
    for (std::int64_t first = 0; first < whole.size(0); first += count) {
        const at::Tensor some =
            whole.narrow(0, first, std::min(count, whole.size(0) - first)).to(dtype).contiguous();
        append({static_cast<const std::byte*>(some.const_data_ptr()), some.nbytes()});
    }
}

void write_converted(const at::Tensor& whole, at::ScalarType dtype,
                     const HostFile::Append& append) {
    constexpr std::array<std::byte, alignment> zeros{};
    write_parts(whole, dtype, append);
    const std::size_t bytes = static_cast<std::size_t>(whole.numel()) * c10::elementSize(dtype);
    append(ByteView{zeros}.first(padding_after(bytes)));
}

}  // namespace

ConvertedWeights::Layout ConvertedWeights::layout_of(
    const Checkpoint& checkpoint, const std::map<std::string, StoredMatrix>& asked,
    at::ScalarType dtype) {
    Layout layout;
    for (const auto& [name, matrix] : asked) {
        if (matrix.shape.size() < 2) continue;
        const at::Tensor stored = stored_tensor(checkpoint, name);
        if (stored.scalar_type() == dtype && matrix.order.plain()) continue;
        layout.places.emplace(name, Place{layout.bytes, matrix});
        const std::size_t bytes =
            static_cast<std::size_t>(stored.numel()) * c10::elementSize(dtype);
        layout.bytes += bytes + padding_after(bytes);
    }
    return layout;
}

std::shared_ptr<const ConvertedWeights> ConvertedWeights::open(
    const Checkpoint& checkpoint, const std::map<std::string, StoredMatrix>& asked,
    at::ScalarType dtype, const std::filesystem::path& folder) {
    Layout layout = layout_of(checkpoint, asked, dtype);
    if (layout.bytes < least_bytes) return nullptr;
    try {
        return std::shared_ptr<const ConvertedWeights>{
            new ConvertedWeights{checkpoint, dtype, std::move(layout), folder}};
    } catch (const EnvironmentError& error) {
        log::warn("converted weights are not shared with other ranks of this host: {}",
                  error.what());
        return nullptr;
    }
}

ConvertedWeights::ConvertedWeights(const Checkpoint& checkpoint, at::ScalarType dtype,
                                   Layout layout, const std::filesystem::path& folder)
    : dtype_{dtype},
      places_{std::move(layout.places)},
      file_{folder, to_hex(checkpoint.identity()) + "-" + c10::toString(dtype) + version,
            [&](const HostFile::Append& append) {
                for (const auto& [name, place] : places_)
                    write_converted(
                        in_computed_order(stored_tensor(checkpoint, name), place.stored.order),
                        dtype, append);
            }} {
    if (file_.bytes().size() != layout.bytes)
        throw EnvironmentError{file_.path().string() + ": expected " +
                               std::to_string(layout.bytes) + " bytes, found " +
                               std::to_string(file_.bytes().size())};
}

at::Tensor ConvertedWeights::find(std::shared_ptr<const ConvertedWeights> converted,
                                  const std::string& name) {
    if (converted == nullptr) return {};
    const auto found = converted->places_.find(name);
    if (found == converted->places_.end()) return {};
    // The mapping is read-only and nothing writes to weights.
    auto* data = const_cast<std::byte*>(converted->file_.bytes().data() + found->second.offset);
    const auto options = at::TensorOptions{}.dtype(converted->dtype_);
    return at::from_blob(
        data, computed_shape(found->second.stored),
        [kept = std::move(converted)](void*) mutable { kept.reset(); }, options);
}

}  // namespace evoke::lm
