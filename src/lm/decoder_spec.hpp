#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evoke/core/ids.hpp"

namespace evoke::lm {

/// Names of one layer's tensors after the layer's own prefix, without ".weight" and ".bias".
struct LayerNames {
    std::string attention_norm;
    std::string query, key, value, attention_output;
    std::string mlp_norm;
    std::string gate, up, down;
};

struct TensorNames {
    std::string embedding;
    std::string layer;  ///< prefix of a layer; {} stands for its number
    LayerNames in_layer;
    std::string final_norm;
    std::string head;
    /// A tensor whose name ends so carries nothing that is computed with.
    std::vector<std::string> ignored_endings;
};

/// A decoder as data: a family is a function that fills this in from config.json. The forward pass
/// (Decoder) reads nothing else.
struct DecoderSpec {
    std::string model_type;
    std::int64_t hidden = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t key_value_heads = 0;
    std::int64_t head_dim = 0;
    std::int64_t feed_forward = 0;
    std::int64_t vocabulary = 0;
    std::int64_t context = 0;
    double norm_epsilon = 0.0;
    /// Radians per position of each rotated pair; the pairs are dimensions i and i + size().
    std::vector<float> inverse_frequencies;
    bool query_key_value_bias = false;
    bool attention_output_bias = false;
    bool mlp_bias = false;
    bool tied_head = false;
    TensorNames names;
    std::string checkpoint_dtype;  ///< as the configuration says; may be empty
    std::vector<TokenId> end_ids;  ///< ids that end a text, ascending

    [[nodiscard]] std::int64_t query_size() const { return heads * head_dim; }
    [[nodiscard]] std::int64_t key_value_size() const { return key_value_heads * head_dim; }
};

/// A tensor that a checkpoint of this decoder must hold.
struct ExpectedTensor {
    std::string name;
    std::vector<std::int64_t> shape;
};

/// All of them but the head, which a tied checkpoint may store under either name.
[[nodiscard]] std::vector<ExpectedTensor> expected_tensors(const DecoderSpec& spec);

/// "model.layers.3.self_attn.q_proj" from layer 3 and "self_attn.q_proj".
[[nodiscard]] std::string layer_tensor(const DecoderSpec& spec, std::int64_t layer,
                                       const std::string& name);

}  // namespace evoke::lm
