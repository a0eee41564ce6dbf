#include "lm/families.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "evoke/core/error.hpp"

namespace evoke::lm {

namespace {

constexpr std::array families{
    Family{.model_type = "gpt2", .describe = describe_gpt2},
    Family{.model_type = "gpt_neox", .describe = describe_gpt_neox},
    Family{.model_type = "opt", .describe = describe_opt},
    Family{.model_type = "llama", .describe = describe_llama},
    Family{.model_type = "smollm3", .describe = describe_smollm3},
    Family{.model_type = "mistral", .describe = describe_mistral},
    Family{.model_type = "ministral", .describe = describe_mistral},
    Family{.model_type = "ministral3", .describe = describe_ministral3},
    Family{.model_type = "mixtral", .describe = describe_mixtral},
    Family{.model_type = "qwen2", .describe = describe_qwen2},
    Family{.model_type = "qwen3", .describe = describe_qwen3},
    Family{.model_type = "qwen3_moe", .describe = describe_qwen3_moe},
    Family{.model_type = "gemma2", .describe = describe_gemma2},
    Family{.model_type = "gemma3_text", .describe = describe_gemma3_text},
    Family{.model_type = "gemma3", .describe = describe_gemma3},
    Family{.model_type = "phi3", .describe = describe_phi3},
    Family{.model_type = "olmo2", .describe = describe_olmo2},
    Family{.model_type = "olmo3", .describe = describe_olmo3},
    Family{.model_type = "bert", .describe = describe_bert},
    Family{.model_type = "roberta", .describe = describe_roberta},
    Family{.model_type = "modernbert", .describe = describe_modernbert},
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

ModelSpec read_model_spec(const std::filesystem::path& folder) {
    const ConfigReader config{folder / "config.json"};
    const Family& family = family_of(config);
    if (!config.absent("quantization_config"))
        config.refuse("quantization_config", "quantised checkpoints are not supported");
    ModelSpec spec = family.describe(config);
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
