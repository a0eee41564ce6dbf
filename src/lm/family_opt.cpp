#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

// The 350M one normalises sums instead of inputs and has a narrower embedding.
ModelSpec describe_opt(const ConfigReader& config) {
    ModelSpec spec = layer_norm_shape(config, {});
    spec.feed_forward = config.size("ffn_dim");
    spec.position_offset = 2;
    spec.norm_epsilon = 1e-5;
    only_supports(config, "layer_norm_elementwise_affine", true);
    const bool bias = config.flag_or("enable_bias", true);
    spec.query_key_value_bias = bias;
    spec.attention_output_bias = bias;
    spec.mlp_bias = bias;
    spec.activation = read_activation(config, "activation_function", "relu");
    spec.names = {.roots = {"model.decoder.", "decoder."},
                  .embedding = "embed_tokens",
                  .positions = "embed_positions",
                  .layer = "layers.{}.",
                  .in_layer = {.query = "self_attn.q_proj",
                               .key = "self_attn.k_proj",
                               .value = "self_attn.v_proj",
                               .attention_output = "self_attn.out_proj",
                               .up = "fc1",
                               .down = "fc2"}};
    LayerNames& names = spec.names.in_layer;
    if (config.flag_or("do_layer_norm_before", true)) {
        names.attention_norm = "self_attn_layer_norm";
        names.mlp_norm = "final_layer_norm";
        if (!config.flag_or("_remove_final_layer_norm", false))
            spec.names.final_norm = "final_layer_norm";
    } else {
        names.attention_sum_norm = "self_attn_layer_norm";
        names.mlp_sum_norm = "final_layer_norm";
    }
    const std::int64_t embedded = config.size_or("word_embed_proj_dim", spec.hidden);
    if (embedded != spec.hidden) {
        spec.embedding_size = embedded;
        spec.names.project_in = "project_in";
        spec.names.project_out = "project_out";
    }
    return spec;
}

}  // namespace evoke::lm
