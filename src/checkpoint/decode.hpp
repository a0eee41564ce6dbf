#pragma once

#include "checkpoint/hdf5_reader.hpp"
#include "evoke/checkpoint/generation_file.hpp"

namespace evoke::checkpoint {

/// The reverse of `encode`, from a file; the digest is not checked. Throws std::runtime_error.
[[nodiscard]] GenerationRecord decode(const Hdf5Reader& reader);

}  // namespace evoke::checkpoint
