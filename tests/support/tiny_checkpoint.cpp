#include "support/tiny_checkpoint.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>

#include "evoke/core/random.hpp"

namespace evoke::test {

namespace {

/// Uniform in [-spread, spread] around `middle`, another stream for each `slot`.
std::vector<float> random_values(std::size_t count, double middle, double spread,
                                 std::uint32_t slot) {
    const RandomKey key{.seed = 20, .purpose = Purpose::initial, .slot = slot};
    std::vector<float> values;
    for (std::uint32_t i = 0; i < count; ++i)
        values.push_back(
            static_cast<float>(middle + spread * (2.0 * random_uniform(key, i) - 1.0)));
    return values;
}

class TensorMaker {
public:
    explicit TensorMaker(std::map<std::string, TinyTensor>& tensors) : tensors_{tensors} {}

    void matrix(const std::string& name, std::int64_t out, std::int64_t in, double gain,
                bool bias) {
        const double spread = gain * std::sqrt(3.0 / static_cast<double>(in));
        add(name + ".weight", {out, in}, 0.0, spread);
        if (bias) add(name + ".bias", {out}, 0.0, 0.5);
    }
    void norm(const std::string& name, std::int64_t size) {
        add(name + ".weight", {size}, 1.0, 0.5);
    }

private:
    void add(const std::string& name, const std::vector<std::int64_t>& shape, double middle,
             double spread) {
        std::size_t count = 1;
        for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
        const auto slot = static_cast<std::uint32_t>(tensors_.size());
        tensors_[name] = {shape, random_values(count, middle, spread, slot)};
    }

    std::map<std::string, TinyTensor>& tensors_;
};

}  // namespace

TinyCheckpoint tiny_llama(std::int64_t head_dim) {
    TinyCheckpoint checkpoint;
    checkpoint.config = nlohmann::json::parse(R"({
        "model_type": "llama", "hidden_size": 46, "num_hidden_layers": 3,
        "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 10,
        "intermediate_size": 71, "vocab_size": 97, "max_position_embeddings": 320,
        "rms_norm_eps": 1e-5, "rope_theta": 500.0, "hidden_act": "silu",
        "attention_bias": true, "mlp_bias": true, "tie_word_embeddings": false,
        "rope_scaling": {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0,
                         "high_freq_factor": 4.0, "original_max_position_embeddings": 64},
        "torch_dtype": "float32", "eos_token_id": 96})");
    checkpoint.config["head_dim"] = head_dim;
    TensorMaker make{checkpoint.tensors};
    make.matrix("model.embed_tokens", 97, 46, 1.0, false);
    make.matrix("lm_head", 97, 46, 3.0, false);
    make.norm("model.norm", 46);
    for (int i = 0; i < 3; ++i) {
        const std::string layer = "model.layers." + std::to_string(i) + ".";
        make.norm(layer + "input_layernorm", 46);
        make.matrix(layer + "self_attn.q_proj", 6 * head_dim, 46, 2.0, true);
        make.matrix(layer + "self_attn.k_proj", 2 * head_dim, 46, 2.0, true);
        make.matrix(layer + "self_attn.v_proj", 2 * head_dim, 46, 1.0, true);
        make.matrix(layer + "self_attn.o_proj", 46, 6 * head_dim, 1.0, true);
        make.norm(layer + "post_attention_layernorm", 46);
        make.matrix(layer + "mlp.gate_proj", 71, 46, 1.0, true);
        make.matrix(layer + "mlp.up_proj", 71, 46, 1.0, true);
        make.matrix(layer + "mlp.down_proj", 46, 71, 1.0, true);
    }
    return checkpoint;
}

std::string safetensors_bytes(const std::map<std::string, TinyTensor>& tensors,
                              const std::string& dtype) {
    nlohmann::json header = nlohmann::json::object();
    std::string data;
    for (const auto& [name, tensor] : tensors) {
        const std::size_t begin = data.size();
        for (const float value : tensor.values) {
            const auto bits = std::bit_cast<std::uint32_t>(value);
            const auto* bytes = reinterpret_cast<const char*>(&bits);
            data.append(dtype == "F32" ? bytes : bytes + 2, dtype == "F32" ? 4 : 2);
        }
        header[name] = {
            {"dtype", dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
    }
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::string file(sizeof length, '\0');
    std::memcpy(file.data(), &length, sizeof length);
    return file + text + data;
}

void write_checkpoint(const TinyCheckpoint& checkpoint, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    std::ofstream{folder / "config.json"} << checkpoint.config.dump(2);
    std::ofstream{folder / "model.safetensors", std::ios::binary}
        << safetensors_bytes(checkpoint.tensors, checkpoint.dtype);
}

}  // namespace evoke::test
