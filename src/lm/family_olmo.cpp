#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

namespace {

/// Norms follow attention and feed-forward instead of preceding them, and span all heads of queries
/// and keys.
ModelSpec olmo(const ConfigReader& config) {
    ModelSpec spec = llama_shape(config);
    spec.query_key_value_bias = config.flag_or("attention_bias", false);
    spec.attention_output_bias = spec.query_key_value_bias;
    spec.activation = read_activation(config, "hidden_act", "silu");
    spec.whole_query_norm = true;
    LayerNames& names = spec.names.in_layer;
    names.attention_norm = "";
    names.query_norm = "self_attn.q_norm";
    names.key_norm = "self_attn.k_norm";
    names.attention_post_norm = "post_attention_layernorm";
    names.mlp_norm = "";
    names.mlp_post_norm = "post_feedforward_layernorm";
    return spec;
}

}  // namespace

ModelSpec describe_olmo2(const ConfigReader& config) {
    ModelSpec spec = olmo(config);
    give_rope(spec, read_rope(config, {.head_dim = spec.head_dim}));
    return spec;
}

// Three of four layers see a window; only the others' rope is scaled.
ModelSpec describe_olmo3(const ConfigReader& config) {
    ModelSpec spec = olmo(config);
    read_windows(config, spec, [](std::int64_t layer) { return (layer + 1) % 4 != 0; });
    spec.ropes = {
        read_rope(config,
                  {.head_dim = spec.head_dim, .theta = 500'000.0, .layer_type = "full_attention"}),
        read_rope(config, {.head_dim = spec.head_dim,
                           .theta = 500'000.0,
                           .layer_type = "sliding_attention",
                           .scaled = false})};
    for (LayerSpec& layer : spec.layer_specs) layer.rope = is_windowed(layer) ? 1 : 0;
    return spec;
}

}  // namespace evoke::lm
