#pragma once

#include <filesystem>
#include <string_view>

#include "lm/config_reader.hpp"
#include "lm/model_spec.hpp"

namespace evoke::lm {

/// One model family: how its configuration describes a transformer.
struct Family {
    std::string_view model_type;
    /// Throws LoadError: a key missing or wrong, or a feature that is not supported (named).
    ModelSpec (*describe)(const ConfigReader& config);
};

/// Reads config.json (and generation_config.json when present) of a checkpoint folder.
/// Throws LoadError; an unknown model_type is refused by name with the supported ones.
[[nodiscard]] ModelSpec read_model_spec(const std::filesystem::path& folder);

[[nodiscard]] ModelSpec describe_gpt2(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_gpt_neox(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_opt(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_llama(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_smollm3(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_mistral(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_ministral3(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_mixtral(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_qwen2(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_qwen3(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_qwen3_moe(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_gemma2(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_gemma3_text(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_gemma3(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_phi3(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_olmo2(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_olmo3(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_bert(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_roberta(const ConfigReader& config);
[[nodiscard]] ModelSpec describe_modernbert(const ConfigReader& config);

}  // namespace evoke::lm
