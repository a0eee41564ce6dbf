#pragma once

#include <cstdint>
#include <vector>

#include "evoke/checkpoint/run_folder.hpp"

namespace evoke::checkpoint {

/// Numbers of the journals present, ascending.
[[nodiscard]] std::vector<std::uint32_t> journal_numbers(const RunLayout& layout);

/// The generation file of this number. Throws GenerationError, also when it holds another.
[[nodiscard]] GenerationRecord read_numbered(const RunLayout& layout, std::uint32_t number);

}  // namespace evoke::checkpoint
