#pragma once

#include <filesystem>

#include "evoke/checkpoint/generation_file.hpp"

namespace evoke::app {

/// The newest generation of a run that verifies, read without changing anything: the run may be
/// going on. Throws RunFolderError when there is none.
[[nodiscard]] checkpoint::GenerationRecord read_newest(const std::filesystem::path& run);

}  // namespace evoke::app
