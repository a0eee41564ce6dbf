#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace evoke::text {

/// The tokenizer.json that a folder with vocab.json and merges.txt amounts to: GPT-2's, RoBERTa's
/// or Qwen2's pipeline, by the tokenizer_class of tokenizer_config.json. Throws LoadError.
[[nodiscard]] nlohmann::json from_vocabulary_files(const std::filesystem::path& folder);

}  // namespace evoke::text
