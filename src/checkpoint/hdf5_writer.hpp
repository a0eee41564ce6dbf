#pragma once

#include <future>
#include <string>

#include "checkpoint/tree.hpp"
#include "evoke/core/bytes.hpp"

namespace evoke::checkpoint {

/// The tree as an HDF5 file in memory. HDF5 never writes to a disk itself: one that fills up while
/// it holds unwritten metadata leaves the library in a state that it cannot be brought out of.
/// `digest` becomes an attribute of the root: written last, since it may still be computed
/// meanwhile. Throws Hdf5Error (out of memory), and what the future holds.
[[nodiscard]] Bytes hdf5_image(const Tree& tree, const std::shared_future<std::string>& digest);

}  // namespace evoke::checkpoint
