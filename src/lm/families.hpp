#pragma once

#include <filesystem>
#include <string_view>

#include "lm/config_reader.hpp"
#include "lm/decoder_spec.hpp"

namespace evoke::lm {

/// One model family: how its configuration describes a decoder.
struct Family {
    std::string_view model_type;
    /// Throws LoadError: a key missing or wrong, or a feature that is not supported (named).
    DecoderSpec (*describe)(const ConfigReader& config);
};

/// Reads config.json (and generation_config.json when present) of a checkpoint folder.
/// Throws LoadError; an unknown model_type is refused by name with the supported ones.
[[nodiscard]] DecoderSpec read_decoder_spec(const std::filesystem::path& folder);

[[nodiscard]] DecoderSpec describe_llama(const ConfigReader& config);

}  // namespace evoke::lm
