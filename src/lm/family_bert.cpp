#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

namespace {

/// What BERT and RoBERTa share: sums are normalised, every token sees the whole text.
ModelSpec encoder(const ConfigReader& config) {
    ModelSpec spec = layer_norm_shape(config, {});
    spec.masked = true;
    for (LayerSpec& layer : spec.layer_specs) layer.reach.ahead = Reach::everything;
    spec.feed_forward = config.size("intermediate_size");
    spec.norm_epsilon = config.positive_or("layer_norm_eps", 1e-12);
    spec.activation = read_activation(config, "hidden_act", "gelu");
    spec.transform_bias = true;
    if (const auto kind = config.text_or("position_embedding_type", "absolute"); kind != "absolute")
        config.refuse("position_embedding_type",
                      "'" + kind + "' is not supported; supported: absolute");
    only_supports(config, "is_decoder", false);
    spec.names = {.embedding = "embeddings.word_embeddings",
                  .positions = "embeddings.position_embeddings",
                  .token_types = "embeddings.token_type_embeddings",
                  .embedding_norm = "embeddings.LayerNorm",
                  .layer = "encoder.layer.{}.",
                  .in_layer = {.query = "attention.self.query",
                               .key = "attention.self.key",
                               .value = "attention.self.value",
                               .attention_output = "attention.output.dense",
                               .attention_sum_norm = "attention.output.LayerNorm",
                               .up = "intermediate.dense",
                               .down = "output.dense",
                               .mlp_sum_norm = "output.LayerNorm"},
                  .ignored_endings = {".position_ids"}};
    return spec;
}

}  // namespace

ModelSpec describe_bert(const ConfigReader& config) {
    ModelSpec spec = encoder(config);
    spec.names.roots = {"bert.", ""};
    spec.names.transform = "cls.predictions.transform.dense";
    spec.names.transform_norm = "cls.predictions.transform.LayerNorm";
    spec.names.heads = {"cls.predictions.decoder"};
    spec.names.head_biases = {"cls.predictions.bias", "cls.predictions.decoder.bias"};
    spec.names.ignored_beginnings = {"bert.pooler.", "pooler.", "cls.seq_relationship."};
    return spec;
}

// Positions start behind the one of the padding token.
ModelSpec describe_roberta(const ConfigReader& config) {
    ModelSpec spec = encoder(config);
    spec.position_offset = config.absent("pad_token_id") ? 2 : config.index("pad_token_id") + 1;
    spec.context -= spec.position_offset;
    if (spec.context < 1)
        config.refuse("max_position_embeddings", "expected more than pad_token_id + 1");
    spec.names.roots = {"roberta.", ""};
    spec.names.transform = "lm_head.dense";
    spec.names.transform_norm = "lm_head.layer_norm";
    spec.names.heads = {"lm_head.decoder"};
    spec.names.head_biases = {"lm_head.bias", "lm_head.decoder.bias"};
    spec.names.ignored_beginnings = {"roberta.pooler.", "pooler."};
    return spec;
}

}  // namespace evoke::lm
