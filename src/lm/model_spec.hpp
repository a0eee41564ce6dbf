#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evoke/core/ids.hpp"
#include "lm/activation.hpp"
#include "lm/rope.hpp"

namespace evoke::lm {

enum class NormKind : std::uint8_t { rms, layer };

/// How queries, keys and values lie in a checkpoint.
enum class QkvLayout : std::uint8_t {
    separate,
    stacked,      ///< one matrix: all queries, then all keys, then all values
    interleaved,  ///< one matrix: query, key and value of a head, head by head
};

/// Which keys a query at position t sees: t - back .. t + ahead.
struct Reach {
    static constexpr std::int64_t everything = std::int64_t{1} << 40;
    std::int64_t back = everything;
    std::int64_t ahead = 0;
};

/// What may differ between the layers of one model.
struct LayerSpec {
    static constexpr std::size_t no_rope = static_cast<std::size_t>(-1);
    std::size_t rope = no_rope;  ///< index into ModelSpec::ropes
    Reach reach;
    bool experts = false;        ///< routed experts instead of one feed-forward network
    bool attention_norm = true;  ///< whether the names' attention_norm is there
};

/// Names of one layer's tensors after the layer's own prefix, without ".weight" and ".bias". What a
/// family does not have stays empty.
struct LayerNames {
    std::string attention_norm;  ///< before attention
    std::string query, key, value;
    std::string query_key_value;  ///< instead of the three, see QkvLayout
    std::string query_norm, key_norm;
    std::string attention_output;
    std::string attention_post_norm;  ///< of attention's output, before it is added
    std::string attention_sum_norm;   ///< of the sum, which it replaces
    std::string mlp_norm;
    std::string gate, up, down;  ///< without a gate: activation(up)
    std::string gate_up;         ///< gate stacked on up, instead of the two
    std::string mlp_post_norm;
    std::string mlp_sum_norm;
    std::string router;
    std::string expert;  ///< prefix of an expert; {} stands for its number
    std::string expert_gate, expert_up, expert_down;
};

/// As in a checkpoint. All but the head's begin with one of `roots`.
struct TensorNames {
    /// The first one under which the embedding is found counts.
    std::vector<std::string> roots = {""};
    std::string embedding;
    std::string positions;    ///< learned positions
    std::string token_types;  ///< row 0 is added to every token
    std::string embedding_norm;
    std::string project_in, project_out;
    std::string layer;  ///< prefix of a layer; {} stands for its number
    LayerNames in_layer;
    std::string final_norm;
    /// Masked models: dense, activation and norm between the last layer and the head.
    std::string transform, transform_norm;
    std::vector<std::string> heads = {"lm_head"};  ///< names it may have
    std::vector<std::string> head_biases;          ///< whole names it may have; none: no bias
    /// A tensor whose name begins or ends so carries nothing that is computed with.
    std::vector<std::string> ignored_beginnings;
    std::vector<std::string> ignored_endings;
};

/// Routed experts: each row goes to the `used` most probable ones.
struct ExpertSpec {
    std::int64_t count = 0;
    std::int64_t used = 0;
    std::int64_t feed_forward = 0;
    bool normalise = true;  ///< the weights of the used ones sum to 1
};

/// Queries grow with the logarithm of their position (Llama 4, Ministral 3):
/// 1 + beta * ln(1 + floor(position / period)).
struct QueryGrowth {
    double beta = 0.0;
    std::int64_t period = 1;
};

/// A transformer as data: a family is a function that fills this in from config.json. The forward
/// pass (Transformer) reads nothing else.
struct ModelSpec {
    std::string model_type;
    bool masked = false;  ///< an encoder that fills in masks, not a decoder
    std::int64_t hidden = 0;
    std::int64_t heads = 0;
    std::int64_t key_value_heads = 0;
    std::int64_t head_dim = 0;
    std::int64_t feed_forward = 0;
    std::int64_t vocabulary = 0;
    std::int64_t context = 0;
    std::vector<LayerSpec> layer_specs;  ///< [layers]

    std::int64_t embedding_size = 0;   ///< 0: hidden; else projected to and from it
    double embedding_scale = 1.0;      ///< rounded to the dtype before it is applied
    std::int64_t position_offset = 0;  ///< row of the learned positions that position 0 has

    NormKind norm = NormKind::rms;
    double norm_epsilon = 0.0;
    bool norm_bias = false;
    double norm_offset = 0.0;  ///< added to the weights of norms (Gemma: 1)

    std::vector<Rope> ropes;
    double attention_scale = 0.0;
    double attention_soft_cap = 0.0;  ///< 0: none; else cap * tanh(score / cap)
    QueryGrowth query_growth;
    bool whole_query_norm = false;  ///< norms of queries and keys span all heads
    QkvLayout query_key_value = QkvLayout::separate;
    bool query_key_value_bias = false;
    bool attention_output_bias = false;

    bool parallel = false;  ///< attention and feed-forward both read the layer's input
    Activation activation = Activation::silu;
    bool mlp_bias = false;
    ExpertSpec experts;

    bool transposed = false;  ///< matrices of layers are stored [in, out] (GPT-2)
    bool transform_bias = false;
    double final_soft_cap = 0.0;  ///< of logits
    bool tied_head = false;
    TensorNames names;
    std::string checkpoint_dtype;  ///< as the configuration says; may be empty
    std::vector<TokenId> end_ids;  ///< ids that end a text, ascending

    [[nodiscard]] std::int64_t layers() const {
        return static_cast<std::int64_t>(layer_specs.size());
    }
    [[nodiscard]] std::int64_t query_size() const { return heads * head_dim; }
    [[nodiscard]] std::int64_t key_value_size() const { return key_value_heads * head_dim; }
    /// Columns of the embedding.
    [[nodiscard]] std::int64_t embedded() const {
        return embedding_size == 0 ? hidden : embedding_size;
    }
    /// Texts of more fed ids than this use the ropes' long frequencies; Reach::everything: none do.
    [[nodiscard]] std::int64_t short_text() const;
};

/// What a query at `position` is multiplied with before it meets the keys.
[[nodiscard]] float query_scale(const ModelSpec& spec, std::int64_t position);

/// "model.layers.3." from "model.layers.{}." and 3.
[[nodiscard]] std::string numbered(std::string text, std::int64_t number);

}  // namespace evoke::lm
