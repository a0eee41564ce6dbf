#include <cmath>

#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

namespace {

/// What Gemma 2 and 3 share: norms of 1 + w before and after each part, a scaled embedding, a tied
/// head.
ModelSpec gemma(const ConfigReader& config) {
    ModelSpec spec = llama_shape(config);
    spec.tied_head = config.flag_or("tie_word_embeddings", true);
    spec.embedding_scale = std::sqrt(static_cast<double>(spec.hidden));
    spec.norm_offset = 1.0;
    spec.attention_scale = 1.0 / std::sqrt(config.positive_or("query_pre_attn_scalar", 256.0));
    spec.query_key_value_bias = config.flag_or("attention_bias", false);
    spec.attention_output_bias = spec.query_key_value_bias;
    spec.activation = read_activation(config, "hidden_activation", "gelu_pytorch_tanh");
    if (!config.absent("attn_logit_softcapping"))
        spec.attention_soft_cap = config.positive("attn_logit_softcapping");
    if (!config.absent("final_logit_softcapping"))
        spec.final_soft_cap = config.positive("final_logit_softcapping");
    only_supports(config, "use_bidirectional_attention", false);
    LayerNames& names = spec.names.in_layer;
    names.attention_post_norm = "post_attention_layernorm";
    names.mlp_norm = "pre_feedforward_layernorm";
    names.mlp_post_norm = "post_feedforward_layernorm";
    return spec;
}

}  // namespace

ModelSpec describe_gemma2(const ConfigReader& config) {
    ModelSpec spec = gemma(config);
    give_rope(spec, read_rope(config, {.head_dim = spec.head_dim}));
    read_windows(config, spec, [](std::int64_t layer) { return layer % 2 == 0; });
    return spec;
}

ModelSpec describe_gemma3_text(const ConfigReader& config) {
    ModelSpec spec = gemma(config);
    spec.names.in_layer.query_norm = "self_attn.q_norm";
    spec.names.in_layer.key_norm = "self_attn.k_norm";
    const std::int64_t pattern = config.size_or("sliding_window_pattern", 6);
    read_windows(config, spec, [&](std::int64_t layer) { return (layer + 1) % pattern != 0; });
    spec.ropes = {read_rope(config, {.head_dim = spec.head_dim,
                                     .theta = 1'000'000.0,
                                     .layer_type = "full_attention"}),
                  read_rope(config, {.head_dim = spec.head_dim,
                                     .theta_key = "rope_local_base_freq",
                                     .layer_type = "sliding_attention",
                                     .scaled = false})};
    for (LayerSpec& layer : spec.layer_specs) layer.rope = is_windowed(layer) ? 1 : 0;
    return spec;
}

// From 4B on the text model is a part of one that reads images too.
ModelSpec describe_gemma3(const ConfigReader& config) {
    const auto text = config.part("text_config");
    if (!text) config.refuse("text_config", "missing; expected a JSON object");
    ModelSpec spec = describe_gemma3_text(*text);
    spec.names.roots = {"language_model.model.", "model.language_model.", "model."};
    spec.names.heads = {"language_model.lm_head", "lm_head"};
    for (const char* part : {"vision_tower.", "multi_modal_projector."})
        for (const char* root : {"", "model."})
            spec.names.ignored_beginnings.push_back(std::string{root} + part);
    return spec;
}

}  // namespace evoke::lm
