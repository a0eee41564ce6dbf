#include "lm/families.hpp"
#include "lm/rope.hpp"

namespace evoke::lm {

namespace {

TensorNames llama_names() {
    return {.embedding = "model.embed_tokens",
            .layer = "model.layers.{}.",
            .in_layer = {.attention_norm = "input_layernorm",
                         .query = "self_attn.q_proj",
                         .key = "self_attn.k_proj",
                         .value = "self_attn.v_proj",
                         .attention_output = "self_attn.o_proj",
                         .mlp_norm = "post_attention_layernorm",
                         .gate = "mlp.gate_proj",
                         .up = "mlp.up_proj",
                         .down = "mlp.down_proj"},
            .final_norm = "model.norm",
            .head = "lm_head",
            // Old checkpoints stored what follows from the configuration.
            .ignored_endings = {".rotary_emb.inv_freq"}};
}

}  // namespace

DecoderSpec describe_llama(const ConfigReader& config) {
    DecoderSpec spec;
    spec.hidden = config.size("hidden_size");
    spec.layers = config.size("num_hidden_layers");
    spec.heads = config.size("num_attention_heads");
    spec.key_value_heads = config.size_or("num_key_value_heads", spec.heads);
    spec.head_dim = config.size_or("head_dim", spec.hidden / spec.heads);
    spec.feed_forward = config.size("intermediate_size");
    spec.vocabulary = config.size("vocab_size");
    spec.context = config.size("max_position_embeddings");
    spec.norm_epsilon = config.positive_or("rms_norm_eps", 1e-6);
    spec.query_key_value_bias = config.flag_or("attention_bias", false);
    spec.attention_output_bias = spec.query_key_value_bias;
    spec.mlp_bias = config.flag_or("mlp_bias", false);
    spec.tied_head = config.flag_or("tie_word_embeddings", false);
    spec.names = llama_names();

    if (spec.heads % spec.key_value_heads != 0)
        config.refuse("num_key_value_heads", "expected a divisor of num_attention_heads");
    if (spec.head_dim % 2 != 0) config.refuse("head_dim", "expected an even number");
    if (const auto act = config.text_or("hidden_act", "silu"); act != "silu" && act != "swish")
        config.refuse("hidden_act", "'" + act + "' is not supported; supported: silu");
    if (!config.absent("partial_rotary_factor") && config.positive("partial_rotary_factor") != 1.0)
        config.refuse("partial_rotary_factor", "only 1 is supported");
    spec.inverse_frequencies = inverse_frequencies(config, spec.head_dim);
    return spec;
}

}  // namespace evoke::lm
