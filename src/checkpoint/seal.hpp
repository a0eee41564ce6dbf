#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "evoke/core/bytes.hpp"

namespace evoke::checkpoint {

/// The first bytes of a generation file, which HDF5 leaves to its user: what the file is, how long,
/// and the SHA-256 of it all. A reader looks at nothing else before this is right, so that no
/// damaged byte reaches the HDF5 library. The same in every version of the format.
inline constexpr std::size_t seal_size = 512;

struct SealVersion {
    int major = 0;
    int minor = 0;
};

/// The seal of a file whose content behind the seal is `image`.
[[nodiscard]] std::string make_seal(SealVersion version, ByteView image);

/// Reads the file from end to end. Throws GenerationError: unreadable, or damaged (no seal,
/// truncated, longer than it should be, another checksum).
[[nodiscard]] SealVersion check_seal(const std::filesystem::path& path);

}  // namespace evoke::checkpoint
