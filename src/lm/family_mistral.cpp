#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

namespace {

/// A Llama that may see a window only.
ModelSpec windowed(const ConfigReader& config, double theta) {
    ModelSpec spec = llama_shape(config);
    spec.activation = read_activation(config, "hidden_act", "silu");
    give_rope(spec, read_rope(config, {.head_dim = spec.head_dim, .theta = theta}));
    read_windows(config, spec, [](std::int64_t) { return true; });
    return spec;
}

}  // namespace

ModelSpec describe_mistral(const ConfigReader& config) {
    return windowed(config, 10000.0);
}

ModelSpec describe_ministral3(const ConfigReader& config) {
    ModelSpec spec = windowed(config, 1'000'000.0);
    const auto rope = config.part("rope_parameters");
    if (!rope) config.refuse("rope_parameters", "missing; expected a JSON object");
    if (!rope->absent("llama_4_scaling_beta"))
        spec.query_growth = {.beta = rope->positive("llama_4_scaling_beta"),
                             .period = rope->size("original_max_position_embeddings")};
    return spec;
}

ModelSpec describe_mixtral(const ConfigReader& config) {
    ModelSpec spec = windowed(config, 1'000'000.0);
    spec.experts = {.count = read_experts(config, "num_local_experts"),
                    .used = config.size_or("num_experts_per_tok", 2),
                    .feed_forward = spec.feed_forward};
    if (spec.experts.used > spec.experts.count)
        config.refuse("num_experts_per_tok", "expected at most num_local_experts");
    for (LayerSpec& layer : spec.layer_specs) layer.experts = true;
    LayerNames& names = spec.names.in_layer;
    names.router = "block_sparse_moe.gate";
    names.expert = "block_sparse_moe.experts.{}.";
    names.expert_gate = "w1";
    names.expert_up = "w3";
    names.expert_down = "w2";
    return spec;
}

}  // namespace evoke::lm
