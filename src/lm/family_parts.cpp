#include "lm/family_parts.hpp"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace evoke::lm {

namespace {

/// Beyond it a size is a damaged file's: names of tensors are made for each layer and expert.
constexpr std::int64_t most_parts = 4096;

std::int64_t bounded(const ConfigReader& config, const std::string& key) {
    const std::int64_t found = config.size(key);
    if (found > most_parts)
        config.refuse(key, "expected at most " + std::to_string(most_parts) + ", found " +
                               std::to_string(found));
    return found;
}

}  // namespace

std::vector<LayerSpec> read_layers(const ConfigReader& config, const std::string& key) {
    return std::vector<LayerSpec>(static_cast<std::size_t>(bounded(config, key)));
}

std::int64_t read_experts(const ConfigReader& config, const std::string& key) {
    return bounded(config, key);
}

TensorNames llama_names() {
    return {.roots = {"model."},
            .embedding = "embed_tokens",
            .layer = "layers.{}.",
            .in_layer = {.attention_norm = "input_layernorm",
                         .query = "self_attn.q_proj",
                         .key = "self_attn.k_proj",
                         .value = "self_attn.v_proj",
                         .attention_output = "self_attn.o_proj",
                         .mlp_norm = "post_attention_layernorm",
                         .gate = "mlp.gate_proj",
                         .up = "mlp.up_proj",
                         .down = "mlp.down_proj"},
            .final_norm = "norm",
            // Old checkpoints stored what follows from the configuration.
            .ignored_endings = {".rotary_emb.inv_freq"}};
}

void check_heads(const ConfigReader& config, const ModelSpec& spec) {
    if (spec.heads % spec.key_value_heads != 0)
        config.refuse("num_key_value_heads", "expected a divisor of num_attention_heads");
}

ModelSpec llama_shape(const ConfigReader& config) {
    ModelSpec spec;
    spec.hidden = config.size("hidden_size");
    spec.layer_specs = read_layers(config, "num_hidden_layers");
    spec.heads = config.size("num_attention_heads");
    spec.key_value_heads = config.size_or("num_key_value_heads", spec.heads);
    spec.head_dim = config.size_or("head_dim", spec.hidden / spec.heads);
    spec.feed_forward = config.size("intermediate_size");
    spec.vocabulary = config.size("vocab_size");
    spec.context = config.size("max_position_embeddings");
    spec.norm_epsilon = config.positive_or("rms_norm_eps", 1e-6);
    spec.attention_scale = 1.0 / std::sqrt(static_cast<double>(spec.head_dim));
    spec.tied_head = config.flag_or("tie_word_embeddings", false);
    spec.names = llama_names();
    check_heads(config, spec);
    return spec;
}

ModelSpec layer_norm_shape(const ConfigReader& config, const SizeKeys& keys) {
    ModelSpec spec;
    spec.hidden = config.size(keys.hidden);
    spec.layer_specs = read_layers(config, keys.layers);
    spec.heads = config.size(keys.heads);
    spec.key_value_heads = spec.heads;
    spec.head_dim = spec.hidden / spec.heads;
    if (spec.head_dim * spec.heads != spec.hidden)
        config.refuse(keys.heads, "expected a divisor of " + keys.hidden);
    spec.vocabulary = config.size("vocab_size");
    spec.context = config.size(keys.context);
    spec.norm = NormKind::layer;
    spec.norm_bias = true;
    spec.attention_scale = 1.0 / std::sqrt(static_cast<double>(spec.head_dim));
    spec.query_key_value_bias = true;
    spec.attention_output_bias = true;
    spec.mlp_bias = true;
    spec.tied_head = config.flag_or("tie_word_embeddings", true);
    return spec;
}

Activation read_activation(const ConfigReader& config, const std::string& key,
                           const std::string& fallback) {
    const std::string name = config.text_or(key, fallback);
    if (name == "silu" || name == "swish") return Activation::silu;
    if (name == "gelu") return Activation::gelu;
    if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation::gelu_tanh;
    if (name == "relu") return Activation::relu;
    config.refuse(key, "'" + name +
                           "' is not supported; supported: silu, gelu, gelu_new, "
                           "gelu_pytorch_tanh, relu");
}

void read_windows(const ConfigReader& config, ModelSpec& spec,
                  const std::function<bool(std::int64_t layer)>& slides) {
    const bool listed = !config.absent("layer_types");
    const std::vector<std::string> types =
        listed ? config.texts("layer_types") : std::vector<std::string>{};
    if (listed && types.size() != spec.layer_specs.size())
        config.refuse("layer_types", "expected " + std::to_string(spec.layer_specs.size()) +
                                         " entries, found " + std::to_string(types.size()));
    for (std::size_t i = 0; i < spec.layer_specs.size(); ++i) {
        if (listed && types[i] != "full_attention" && types[i] != "sliding_attention")
            config.refuse("layer_types", "'" + types[i] +
                                             "' is not supported; supported: full_attention, "
                                             "sliding_attention");
        const bool sliding =
            listed ? types[i] == "sliding_attention" : slides(static_cast<std::int64_t>(i));
        if (sliding && !config.absent("sliding_window"))
            spec.layer_specs[i].reach.back = config.size("sliding_window") - 1;
    }
}

bool is_windowed(const LayerSpec& layer) {
    return layer.reach.back != Reach::everything;
}

void give_rope(ModelSpec& spec, Rope rope) {
    spec.ropes = {std::move(rope)};
    for (LayerSpec& layer : spec.layer_specs) layer.rope = 0;
}

void only_supports(const ConfigReader& config, const std::string& key, bool only) {
    if (config.flag_or(key, only) != only)
        config.refuse(key, std::string{"only "} + (only ? "true" : "false") + " is supported");
}

}  // namespace evoke::lm
