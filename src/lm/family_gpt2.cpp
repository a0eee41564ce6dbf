#include <cmath>

#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

ModelSpec describe_gpt2(const ConfigReader& config) {
    ModelSpec spec;
    spec.hidden = config.size("n_embd");
    spec.layer_specs = read_layers(config, "n_layer");
    spec.heads = config.size("n_head");
    spec.key_value_heads = spec.heads;
    spec.head_dim = spec.hidden / spec.heads;
    if (spec.head_dim * spec.heads != spec.hidden)
        config.refuse("n_head", "expected a divisor of n_embd");
    spec.feed_forward = config.size_or("n_inner", 4 * spec.hidden);
    spec.vocabulary = config.size("vocab_size");
    spec.context = config.size("n_positions");
    spec.norm = NormKind::layer;
    spec.norm_epsilon = config.positive_or("layer_norm_epsilon", 1e-5);
    spec.norm_bias = true;
    spec.attention_scale = 1.0 / std::sqrt(static_cast<double>(spec.head_dim));
    only_supports(config, "scale_attn_weights", true);
    only_supports(config, "scale_attn_by_inverse_layer_idx", false);
    only_supports(config, "add_cross_attention", false);
    spec.query_key_value = QkvLayout::stacked;
    spec.query_key_value_bias = true;
    spec.attention_output_bias = true;
    spec.activation = read_activation(config, "activation_function", "gelu_new");
    spec.mlp_bias = true;
    spec.transposed = true;
    spec.tied_head = config.flag_or("tie_word_embeddings", true);
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
