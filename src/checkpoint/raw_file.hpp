#pragma once

#include <filesystem>
#include <initializer_list>

#include "evoke/core/bytes.hpp"

namespace evoke::checkpoint {

/// Writes all bytes to an open file. 0, or the error.
[[nodiscard]] int write_fully(int descriptor, ByteView bytes);

/// Makes a file of these parts, replacing what was there. Not synced.
/// Throws EnvironmentError (disk full, no permission).
void write_new_file(const std::filesystem::path& path, std::initializer_list<ByteView> parts);

/// "cannot <action> <path>: <reason>", as an EnvironmentError.
[[noreturn]] void throw_environment(const std::string& action, const std::filesystem::path& path,
                                    int code);

}  // namespace evoke::checkpoint
