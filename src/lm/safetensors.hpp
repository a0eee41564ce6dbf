#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/core/bytes.hpp"
#include "evoke/core/file.hpp"

namespace evoke::lm {

enum class StoredType : std::uint8_t { float32, float16, bfloat16, other };

/// A tensor as it lies in a file.
struct StoredTensor {
    StoredType type = StoredType::other;
    std::string type_name;  ///< as the file spells it
    std::vector<std::int64_t> shape;
    ByteView bytes;  ///< row-major, little-endian

    [[nodiscard]] std::int64_t elements() const;
};

/// The tensors of a safetensors file by name. Their bytes lie inside `file`; none overlap.
/// Throws LoadError naming `path`: header length or JSON broken, offsets that overlap or leave the
/// file, a size that does not follow from type and shape. Touches the header's pages only.
[[nodiscard]] std::map<std::string, StoredTensor> read_safetensors(
    const std::filesystem::path& path, ByteView file);

}  // namespace evoke::lm
