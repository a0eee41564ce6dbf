#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace evoke::test {

struct TinyTensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

/// A checkpoint that a test can change before it is written.
struct TinyCheckpoint {
    nlohmann::json config;
    std::map<std::string, TinyTensor> tensors;
    std::string dtype = "F32";  ///< F32, or BF16: values cut to their upper half
};

/// A random Llama with grouped heads, biases and llama3 rope scaling. Its sizes are multiples of
/// nothing, so that every remainder of a kernel is visited; its weights are large enough that
/// logits differ by several units.
[[nodiscard]] TinyCheckpoint tiny_llama(std::int64_t head_dim = 10);

/// The bytes of a safetensors file.
[[nodiscard]] std::string safetensors_bytes(const std::map<std::string, TinyTensor>& tensors,
                                            const std::string& dtype);

/// config.json and model.safetensors.
void write_checkpoint(const TinyCheckpoint& checkpoint, const std::filesystem::path& folder);

}  // namespace evoke::test
