#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "text/json_part.hpp"

namespace evoke::text {

/// What a checkpoint's settings say of a special token: nothing, that there is none, or its
/// spelling.
struct NamedSpelling {
    bool present = false;
    std::optional<std::string> spelling;
};

/// `key` ("bos_token") in tokenizer_config.json, or else in special_tokens_map.json. Throws
/// LoadError.
[[nodiscard]] NamedSpelling named_spelling(const std::filesystem::path& folder,
                                           const std::string& key);

}  // namespace evoke::text
