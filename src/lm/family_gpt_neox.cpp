#include <cmath>

#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

ModelSpec describe_gpt_neox(const ConfigReader& config) {
    ModelSpec spec = llama_shape(config);
    spec.key_value_heads = spec.heads;
    spec.head_dim = spec.hidden / spec.heads;
    spec.attention_scale = 1.0 / std::sqrt(static_cast<double>(spec.head_dim));
    spec.norm = NormKind::layer;
    spec.norm_epsilon = config.positive_or("layer_norm_eps", 1e-5);
    spec.norm_bias = true;
    spec.query_key_value = QkvLayout::interleaved;
    spec.query_key_value_bias = config.flag_or("attention_bias", true);
    spec.attention_output_bias = spec.query_key_value_bias;
    spec.parallel = config.flag_or("use_parallel_residual", true);
    spec.activation = read_activation(config, "hidden_act", "gelu");
    spec.mlp_bias = true;
    give_rope(spec, read_rope(config, {.head_dim = spec.head_dim,
                                       .theta_key = "rotary_emb_base",
                                       .fraction_key = "rotary_pct",
                                       .fraction = 0.25}));
    spec.names = {
        .roots = {"gpt_neox."},
        .embedding = "embed_in",
        .layer = "layers.{}.",
        .in_layer = {.attention_norm = "input_layernorm",
                     .query_key_value = "attention.query_key_value",
                     .attention_output = "attention.dense",
                     .mlp_norm = "post_attention_layernorm",
                     .up = "mlp.dense_h_to_4h",
                     .down = "mlp.dense_4h_to_h"},
        .final_norm = "final_layer_norm",
        .heads = {"embed_out", "lm_head"},
        .ignored_endings = {".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"}};
    return spec;
}

}  // namespace evoke::lm
