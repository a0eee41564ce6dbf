#pragma once

#include <spdlog/spdlog.h>

#include <filesystem>
#include <string>

namespace evoke::log {

struct LogOptions {
    std::string prefix;               ///< e.g. "rank 3"; empty for a single process
    std::string level = "info";       ///< trace|debug|info|warn|error|off
    std::filesystem::path file = {};  ///< also written here when not empty
};

/// Sets the process's logger: standard error (standard output carries results alone).
/// Lines read "12:30:01 rank 3 warning: …".
void start(const LogOptions& options);

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

}  // namespace evoke::log
