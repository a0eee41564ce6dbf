#pragma once

#include <exception>
#include <filesystem>
#include <optional>

#include "evoke/core/error.hpp"

namespace evoke::app {

/// The exit code of a search, left for the supervisor: mpirun returns 0 under --enable-recovery
/// whatever rank 0 returned. Rank 0's word replaces another rank's; never the other way round.
void write_result(const std::filesystem::path& file, int rank, ExitCode code);

/// nullopt: nobody has said anything yet.
[[nodiscard]] std::optional<ExitCode> read_result(const std::filesystem::path& file);

/// Prints what went wrong to standard error; returns the exit code that says so.
[[nodiscard]] ExitCode report_failure(const std::exception& error);

}  // namespace evoke::app
