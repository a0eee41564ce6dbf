#include "lm/families.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "evoke/core/error.hpp"

namespace evoke::lm {

namespace {

constexpr std::array families{
    Family{.model_type = "llama", .describe = describe_llama},
};

const Family& family_of(const ConfigReader& config) {
    const std::string model_type = config.text("model_type");
    std::string supported;
    for (const Family& family : families) {
        if (family.model_type == model_type) return family;
        if (!supported.empty()) supported += ", ";
        supported += family.model_type;
    }
    throw LoadError{config.file(),
                    "model_type '" + model_type + "' is not supported; supported: " + supported};
}

void add_end_ids(const ConfigReader& config, std::vector<TokenId>& ids) {
    const std::string key = "eos_token_id";
    const nlohmann::json value = config.value(key);
    const auto add = [&](const nlohmann::json& id) {
        if (!id.is_number_integer()) config.refuse(key, "expected an id or a list of ids");
        ids.push_back(id.get<TokenId>());
    };
    if (value.is_array()) {
        for (const nlohmann::json& id : value) add(id);
    } else if (!value.is_null()) {
        add(value);
    }
}

}  // namespace

DecoderSpec read_decoder_spec(const std::filesystem::path& folder) {
    const ConfigReader config{folder / "config.json"};
    const Family& family = family_of(config);
    if (!config.absent("quantization_config"))
        config.refuse("quantization_config", "quantised checkpoints are not supported");
    DecoderSpec spec = family.describe(config);
    spec.model_type = family.model_type;
    spec.checkpoint_dtype = config.text_or("dtype", config.text_or("torch_dtype", ""));

    add_end_ids(config, spec.end_ids);
    if (const auto file = folder / "generation_config.json"; std::filesystem::exists(file))
        add_end_ids(ConfigReader{file}, spec.end_ids);
    std::ranges::sort(spec.end_ids);
    const auto repeated = std::ranges::unique(spec.end_ids);
    spec.end_ids.erase(repeated.begin(), repeated.end());
    return spec;
}

}  // namespace evoke::lm
