#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace evoke::text {

/// The JSON files of a checkpoint. Throw LoadError naming the file and, where reading stops, the
/// line. Values nested more than 64 deep are refused: nothing needs them, and walking them would
/// exhaust the stack.
[[nodiscard]] nlohmann::json read_json(const std::filesystem::path& file);

/// `content` is what stands in `file`, or in a part of it called `part` ("the header").
[[nodiscard]] nlohmann::json parse_json(std::string_view content, const std::filesystem::path& file,
                                        std::string_view part = {});

}  // namespace evoke::text
