#include "lm/decoder_spec.hpp"

#include <utility>

namespace evoke::lm {

std::string layer_tensor(const DecoderSpec& spec, std::int64_t layer, const std::string& name) {
    std::string text = spec.names.layer;
    if (const auto place = text.find("{}"); place != std::string::npos)
        text.replace(place, 2, std::to_string(layer));
    return text + name;
}

std::vector<ExpectedTensor> expected_tensors(const DecoderSpec& spec) {
    std::vector<ExpectedTensor> expected;
    const auto linear = [&](const std::string& name, std::int64_t out, std::int64_t in, bool bias) {
        expected.push_back({name + ".weight", {out, in}});
        if (bias) expected.push_back({name + ".bias", {out}});
    };
    const auto norm = [&](const std::string& name) {
        expected.push_back({name + ".weight", {spec.hidden}});
    };
    linear(spec.names.embedding, spec.vocabulary, spec.hidden, false);
    norm(spec.names.final_norm);
    const LayerNames& names = spec.names.in_layer;
    for (std::int64_t layer = 0; layer < spec.layers; ++layer) {
        const auto full = [&](const std::string& name) { return layer_tensor(spec, layer, name); };
        norm(full(names.attention_norm));
        linear(full(names.query), spec.query_size(), spec.hidden, spec.query_key_value_bias);
        linear(full(names.key), spec.key_value_size(), spec.hidden, spec.query_key_value_bias);
        linear(full(names.value), spec.key_value_size(), spec.hidden, spec.query_key_value_bias);
        linear(full(names.attention_output), spec.hidden, spec.query_size(),
               spec.attention_output_bias);
        norm(full(names.mlp_norm));
        linear(full(names.gate), spec.feed_forward, spec.hidden, spec.mlp_bias);
        linear(full(names.up), spec.feed_forward, spec.hidden, spec.mlp_bias);
        linear(full(names.down), spec.hidden, spec.feed_forward, spec.mlp_bias);
    }
    return expected;
}

}  // namespace evoke::lm
