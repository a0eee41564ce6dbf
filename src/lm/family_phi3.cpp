#include "lm/families.hpp"
#include "lm/family_parts.hpp"

namespace evoke::lm {

ModelSpec describe_phi3(const ConfigReader& config) {
    ModelSpec spec = llama_shape(config);
    spec.activation = read_activation(config, "hidden_act", "silu");
    give_rope(spec, read_rope(config, {.head_dim = spec.head_dim}));
    read_windows(config, spec, [](std::int64_t) { return true; });
    spec.query_key_value = QkvLayout::stacked;
    LayerNames& names = spec.names.in_layer;
    names.query_key_value = "self_attn.qkv_proj";
    names.gate_up = "mlp.gate_up_proj";
    return spec;
}

}  // namespace evoke::lm
