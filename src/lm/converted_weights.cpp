#include "lm/converted_weights.hpp"

#include <ATen/ops/from_blob.h>

#include <array>
#include <utility>

#include "evoke/core/error.hpp"
#include "evoke/core/log.hpp"
#include "lm/tensor_source.hpp"

namespace evoke::lm {

namespace {

/// Tensors start at multiples of this.
constexpr std::size_t alignment = 64;
/// Less is not worth a file.
constexpr std::size_t least_bytes = std::size_t{16} << 20U;

std::size_t padding_after(std::size_t bytes) {
    return (alignment - bytes % alignment) % alignment;
}

void write_converted(const Checkpoint& checkpoint, const std::string& name, at::ScalarType dtype,
                     const HostFile::Append& append) {
    constexpr std::array<std::byte, alignment> zeros{};
    const at::Tensor whole = stored_tensor(checkpoint, name).flatten();
    // In parts, so that the rank that converts needs no copy either; small ones, whose memory the
    // allocator does not keep.
    constexpr std::int64_t part = std::int64_t{1} << 18;
    for (std::int64_t first = 0; first < whole.numel(); first += part) {
        const at::Tensor some =
            whole.narrow(0, first, std::min(part, whole.numel() - first)).to(dtype);
        append({static_cast<const std::byte*>(some.const_data_ptr()), some.nbytes()});
    }
    const std::size_t bytes = static_cast<std::size_t>(whole.numel()) * c10::elementSize(dtype);
    append(ByteView{zeros}.first(padding_after(bytes)));
}

}  // namespace

ConvertedWeights::Layout ConvertedWeights::layout_of(const Checkpoint& checkpoint,
                                                     at::ScalarType dtype) {
    Layout layout;
    for (const auto& [name, tensor] : checkpoint.tensors()) {
        if (tensor.type == StoredType::other || tensor.shape.size() < 2) continue;
        const at::Tensor stored = stored_tensor(checkpoint, name);
        if (stored.scalar_type() == dtype) continue;
        layout.places.emplace(name, Place{layout.bytes, tensor.shape});
        const std::size_t bytes =
            static_cast<std::size_t>(stored.numel()) * c10::elementSize(dtype);
        layout.bytes += bytes + padding_after(bytes);
    }
    return layout;
}

std::shared_ptr<const ConvertedWeights> ConvertedWeights::open(
    const Checkpoint& checkpoint, at::ScalarType dtype, const std::filesystem::path& folder) {
    Layout layout = layout_of(checkpoint, dtype);
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
      file_{folder, to_hex(checkpoint.identity()) + "-" + c10::toString(dtype),
            [&](const HostFile::Append& append) {
                for (const auto& [name, place] : places_)
                    write_converted(checkpoint, name, dtype, append);
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
        data, found->second.shape, [kept = std::move(converted)](void*) mutable { kept.reset(); },
        options);
}

}  // namespace evoke::lm
