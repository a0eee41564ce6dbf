#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lm/config_reader.hpp"
#include "lm/model_spec.hpp"

namespace evoke::lm {

/// Sizes under the names that Llama gave them, which most families since keep: hidden_size,
/// num_hidden_layers, num_attention_heads, num_key_value_heads, head_dim, intermediate_size,
/// vocab_size, max_position_embeddings, rms_norm_eps, tie_word_embeddings; names of tensors as
/// well. Layers have no rope yet. Throws LoadError.
[[nodiscard]] ModelSpec llama_shape(const ConfigReader& config);

/// Where a family from before Llama keeps its sizes.
struct SizeKeys {
    std::string hidden = "hidden_size";
    std::string layers = "num_hidden_layers";
    std::string heads = "num_attention_heads";
    std::string context = "max_position_embeddings";
};
/// Those sizes and vocab_size; keys and values for each head, layer norms with biases, biases of
/// attention and MLP, a tied head. Throws LoadError.
[[nodiscard]] ModelSpec layer_norm_shape(const ConfigReader& config, const SizeKeys& keys);

/// A number of layers under `key`, refused when no model could have so many.
[[nodiscard]] std::vector<LayerSpec> read_layers(const ConfigReader& config,
                                                 const std::string& key);

/// A number of routed experts under `key`, likewise.
[[nodiscard]] std::int64_t read_experts(const ConfigReader& config, const std::string& key);

/// Names of tensors as Llama's.
[[nodiscard]] TensorNames llama_names();

/// Throws LoadError: heads that do not share the key-value heads evenly.
void check_heads(const ConfigReader& config, const ModelSpec& spec);

/// silu, gelu, gelu_new, gelu_pytorch_tanh or relu under `key`; another one is refused by name.
[[nodiscard]] Activation read_activation(const ConfigReader& config, const std::string& key,
                                         const std::string& fallback);

/// Reads sliding_window (its absence: no windows) and gives it to the layers that layer_types calls
/// sliding_attention; without layer_types to those that `slides` chooses by number.
void read_windows(const ConfigReader& config, ModelSpec& spec,
                  const std::function<bool(std::int64_t layer)>& slides);

/// True for layers that see a window only.
[[nodiscard]] bool is_windowed(const LayerSpec& layer);

/// One rope, for all layers.
void give_rope(ModelSpec& spec, Rope rope);

/// Throws LoadError when the key has another value than `only`: a feature that is not supported.
void only_supports(const ConfigReader& config, const std::string& key, bool only);

}  // namespace evoke::lm
