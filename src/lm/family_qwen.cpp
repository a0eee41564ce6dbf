#include <algorithm>
#include <string>

#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

namespace {

ModelSpec qwen(const ConfigReader& config) {
    ModelSpec spec = llama_shape(config);
    spec.activation = read_activation(config, "hidden_act", "silu");
    give_rope(spec, read_rope(config, {.head_dim = spec.head_dim}));
    if (config.flag_or("use_sliding_window", false)) {
        const std::int64_t full = config.size_or("max_window_layers", 28);
        read_windows(config, spec, [&](std::int64_t layer) { return layer >= full; });
    }
    return spec;
}

void norm_queries(const ConfigReader& config, ModelSpec& spec) {
    spec.query_key_value_bias = config.flag_or("attention_bias", false);
    spec.attention_output_bias = spec.query_key_value_bias;
    spec.names.in_layer.query_norm = "self_attn.q_norm";
    spec.names.in_layer.key_norm = "self_attn.k_norm";
}

}  // namespace

ModelSpec describe_qwen2(const ConfigReader& config) {
    ModelSpec spec = qwen(config);
    spec.query_key_value_bias = true;
    return spec;
}

ModelSpec describe_qwen3(const ConfigReader& config) {
    ModelSpec spec = qwen(config);
    norm_queries(config, spec);
    return spec;
}

ModelSpec describe_qwen3_moe(const ConfigReader& config) {
    ModelSpec spec = qwen(config);
    if (config.flag_or("use_sliding_window", false))
        read_windows(config, spec, [](std::int64_t) { return true; });
    norm_queries(config, spec);
    const std::string count = config.absent("num_experts") ? "num_local_experts" : "num_experts";
    spec.experts = {.count = read_experts(config, count),
                    .used = config.size("num_experts_per_tok"),
                    .feed_forward = config.size("moe_intermediate_size"),
                    .normalise = config.flag_or("norm_topk_prob", false)};
    if (spec.experts.used > spec.experts.count)
        config.refuse("num_experts_per_tok", "expected at most " + count);
    const std::int64_t step = config.size_or("decoder_sparse_step", 1);
    std::vector<std::int64_t> dense;
    if (!config.absent("mlp_only_layers")) dense = config.integers("mlp_only_layers");
    for (std::int64_t i = 0; i < spec.layers(); ++i)
        spec.layer_specs[static_cast<std::size_t>(i)].experts =
            (i + 1) % step == 0 && std::ranges::count(dense, i) == 0;
    LayerNames& names = spec.names.in_layer;
    names.router = "mlp.gate";
    names.expert = "mlp.experts.{}.";
    names.expert_gate = "gate_proj";
    names.expert_up = "up_proj";
    names.expert_down = "down_proj";
    return spec;
}

}  // namespace evoke::lm
