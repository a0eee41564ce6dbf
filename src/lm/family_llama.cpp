#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

ModelSpec describe_llama(const ConfigReader& config) {
    ModelSpec spec = llama_shape(config);
    spec.query_key_value_bias = config.flag_or("attention_bias", false);
    spec.attention_output_bias = spec.query_key_value_bias;
    spec.mlp_bias = config.flag_or("mlp_bias", false);
    spec.activation = read_activation(config, "hidden_act", "silu");
    give_rope(spec, read_rope(config, {.head_dim = spec.head_dim}));
    return spec;
}

// SmolLM3 is a Llama in which every fourth layer does not turn its queries and keys.
ModelSpec describe_smollm3(const ConfigReader& config) {
    ModelSpec spec = describe_llama(config);
    spec.tied_head = config.flag_or("tie_word_embeddings", true);
    spec.ropes = {read_rope(config, {.head_dim = spec.head_dim, .theta = 2'000'000.0})};
    std::vector<std::int64_t> turning;
    if (!config.absent("no_rope_layers")) {
        turning = config.integers("no_rope_layers");
        if (turning.size() < spec.layer_specs.size())
            config.refuse("no_rope_layers", "expected an entry for each layer");
    } else {
        const std::int64_t interval = config.size_or("no_rope_layer_interval", 4);
        for (std::int64_t i = 0; i < spec.layers(); ++i)
            turning.push_back((i + 1) % interval != 0 ? 1 : 0);
    }
    for (std::size_t i = 0; i < spec.layer_specs.size(); ++i)
        spec.layer_specs[i].rope = turning[i] != 0 ? 0 : LayerSpec::no_rope;
    if (config.flag_or("use_sliding_window", false))
        read_windows(config, spec, [&](std::int64_t layer) {
            return turning[static_cast<std::size_t>(layer)] == 0;
        });
    return spec;
}

}  // namespace evoke::lm
