#pragma once

#include <string_view>

namespace evoke {

/// The program's version, "major.minor.patch", as files and --version carry it.
[[nodiscard]] std::string_view software_version();

}  // namespace evoke
