#include <cmath>

#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

ModelSpec describe_modernbert(const ConfigReader& config) {
    ModelSpec spec = llama_shape(config);
    spec.masked = true;
    spec.tied_head = config.flag_or("tie_word_embeddings", true);
    spec.norm = NormKind::layer;
    spec.norm_epsilon = config.positive_or("norm_eps", 1e-5);
    spec.norm_bias = config.flag_or("norm_bias", false);
    spec.query_key_value = QkvLayout::stacked;
    spec.query_key_value_bias = config.flag_or("attention_bias", false);
    spec.attention_output_bias = spec.query_key_value_bias;
    spec.activation = read_activation(config, "hidden_activation", "gelu");
    if (read_activation(config, "classifier_activation", "gelu") != spec.activation)
        config.refuse("classifier_activation", "only that of hidden_activation is supported");
    spec.mlp_bias = config.flag_or("mlp_bias", false);
    spec.transform_bias = config.flag_or("classifier_bias", false);
    spec.ropes = {read_rope(config, {.head_dim = spec.head_dim,
                                     .theta = 160'000.0,
                                     .theta_key = "global_rope_theta",
                                     .layer_type = "full_attention"}),
                  read_rope(config, {.head_dim = spec.head_dim,
                                     .theta_key = "local_rope_theta",
                                     .layer_type = "sliding_attention"})};
    const std::int64_t step = config.size_or("global_attn_every_n_layers", 3);
    const std::int64_t half = config.size_or("local_attention", 128) / 2;
    const auto types =
        config.absent("layer_types") ? std::vector<std::string>{} : config.texts("layer_types");
    for (std::size_t i = 0; i < spec.layer_specs.size(); ++i) {
        const bool local = types.empty() ? static_cast<std::int64_t>(i) % step != 0
                                         : i < types.size() && types[i] == "sliding_attention";
        LayerSpec& layer = spec.layer_specs[i];
        layer.rope = local ? 1 : 0;
        layer.reach = local ? Reach{.back = half, .ahead = half}
                            : Reach{.back = Reach::everything, .ahead = Reach::everything};
        layer.attention_norm = i != 0;
    }
    spec.names = {.roots = {"model.", ""},
                  .embedding = "embeddings.tok_embeddings",
                  .embedding_norm = "embeddings.norm",
                  .layer = "layers.{}.",
                  .in_layer = {.attention_norm = "attn_norm",
                               .query_key_value = "attn.Wqkv",
                               .attention_output = "attn.Wo",
                               .mlp_norm = "mlp_norm",
                               .down = "mlp.Wo",
                               .gate_up = "mlp.Wi"},
                  .final_norm = "final_norm",
                  .transform = "head.dense",
                  .transform_norm = "head.norm",
                  .heads = {"decoder"}};
    if (config.flag_or("decoder_bias", true)) spec.names.head_biases = {"decoder.bias"};
    return spec;
}

}  // namespace evoke::lm
