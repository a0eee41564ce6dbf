#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

ModelSpec describe_gpt2(const ConfigReader& config) {
    ModelSpec spec = layer_norm_shape(
        config,
        {.hidden = "n_embd", .layers = "n_layer", .heads = "n_head", .context = "n_positions"});
    spec.feed_forward = config.size_or("n_inner", 4 * spec.hidden);
    spec.norm_epsilon = config.positive_or("layer_norm_epsilon", 1e-5);
    only_supports(config, "scale_attn_weights", true);
    only_supports(config, "scale_attn_by_inverse_layer_idx", false);
    only_supports(config, "add_cross_attention", false);
    spec.query_key_value = QkvLayout::stacked;
    spec.activation = read_activation(config, "activation_function", "gelu_new");
    spec.transposed = true;
    spec.names = {.roots = {"transformer.", ""},
                  .embedding = "wte",
                  .positions = "wpe",
                  .layer = "h.{}.",
                  .in_layer = {.attention_norm = "ln_1",
                               .query_key_value = "attn.c_attn",
                               .attention_output = "attn.c_proj",
                               .mlp_norm = "ln_2",
                               .up = "mlp.c_fc",
                               .down = "mlp.c_proj"},
                  .final_norm = "ln_f",
                  .ignored_endings = {".attn.bias", ".attn.masked_bias"}};
    return spec;
}

}  // namespace evoke::lm
