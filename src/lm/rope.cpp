#include "lm/rope.hpp"

#include <cmath>
#include <numbers>
#include <optional>
#include <string>

namespace evoke::lm {

namespace {

std::vector<float> unscaled(double theta, std::int64_t dims) {
    std::vector<float> frequencies;
    for (std::int64_t i = 0; i < dims; i += 2) {
        const float exponent = static_cast<float>(i) / static_cast<float>(dims);
        frequencies.push_back(1.0F / std::pow(static_cast<float>(theta), exponent));
    }
    return frequencies;
}

struct Llama3Scaling {
    float factor, low, high, original;
};

float llama3_scaled(float frequency, const Llama3Scaling& scaling) {
    const float wavelength = 2.0F * std::numbers::pi_v<float> / frequency;
    if (wavelength > scaling.original / scaling.low) return frequency / scaling.factor;
    if (wavelength < scaling.original / scaling.high) return frequency;
    const float smooth =
        (scaling.original / wavelength - scaling.low) / (scaling.high - scaling.low);
    return (1.0F - smooth) * frequency / scaling.factor + smooth * frequency;
}

void apply_llama3(const ConfigReader& rope, const ConfigReader& config,
                  std::vector<float>& frequencies) {
    const Llama3Scaling scaling{
        .factor = static_cast<float>(rope.positive("factor")),
        .low = static_cast<float>(rope.positive("low_freq_factor")),
        .high = static_cast<float>(rope.positive("high_freq_factor")),
        .original = static_cast<float>(rope.size_or("original_max_position_embeddings",
                                                    config.size("max_position_embeddings")))};
    if (scaling.high <= scaling.low)
        rope.refuse("high_freq_factor", "expected more than low_freq_factor");
    for (float& frequency : frequencies) frequency = llama3_scaled(frequency, scaling);
}

}  // namespace

std::vector<float> inverse_frequencies(const ConfigReader& config, std::int64_t dims) {
    const double default_theta = 10000.0;
    const std::optional<ConfigReader> parameters = config.part("rope_parameters");
    const std::optional<ConfigReader> rope = parameters ? parameters : config.part("rope_scaling");
    const double theta = parameters && !parameters->absent("rope_theta")
                             ? parameters->positive("rope_theta")
                             : config.positive_or("rope_theta", default_theta);
    std::vector<float> frequencies = unscaled(theta, dims);
    if (!rope) return frequencies;

    const std::string kind = rope->text_or("rope_type", rope->text_or("type", "default"));
    if (kind == "linear") {
        const float factor = static_cast<float>(rope->positive("factor"));
        for (float& frequency : frequencies) frequency /= factor;
    } else if (kind == "llama3") {
        apply_llama3(*rope, config, frequencies);
    } else if (kind != "default" && kind != "dynamic") {
        rope->refuse("rope_type", "'" + kind +
                                      "' is not supported; supported: default, linear, dynamic, "
                                      "llama3");
    }
    return frequencies;
}

}  // namespace evoke::lm
