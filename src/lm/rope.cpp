#include "lm/rope.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>

namespace evoke::lm {

namespace {

/// theta ^ (2i / dims), [dims / 2].
std::vector<float> wavelengths(double theta, std::int64_t dims) {
    std::vector<float> powers;
    for (std::int64_t i = 0; i < dims; i += 2) {
        const float exponent = static_cast<float>(i) / static_cast<float>(dims);
        powers.push_back(std::pow(static_cast<float>(theta), exponent));
    }
    return powers;
}

/// What rope_parameters (or rope_scaling) and the rest of the configuration say together.
struct Source {
    const ConfigReader& config;
    std::optional<ConfigReader> rope;
    double theta = 0.0;
    std::int64_t dims = 0;

    [[nodiscard]] std::int64_t original_context() const {
        const std::string key = "original_max_position_embeddings";
        if (!config.absent(key)) return config.size(key);
        return rope->size_or(key, config.size("max_position_embeddings"));
    }
};

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

void apply_llama3(const Source& source, Rope& rope) {
    const ConfigReader& from = *source.rope;
    const Llama3Scaling scaling{.factor = static_cast<float>(from.positive("factor")),
                                .low = static_cast<float>(from.positive("low_freq_factor")),
                                .high = static_cast<float>(from.positive("high_freq_factor")),
                                .original = static_cast<float>(source.original_context())};
    if (scaling.high <= scaling.low)
        from.refuse("high_freq_factor", "expected more than low_freq_factor");
    for (float& frequency : rope.frequencies) frequency = llama3_scaled(frequency, scaling);
}

/// YaRN (2309.00071): fast dimensions keep their frequency, slow ones are stretched by `factor`,
/// with a ramp between.
void apply_yarn(const Source& source, Rope& rope) {
    const ConfigReader& from = *source.rope;
    const double factor = from.positive("factor");
    const auto original = static_cast<double>(source.original_context());
    const auto dims = static_cast<double>(source.dims);
    const auto turning = [&](double rotations) {
        return dims * std::log(original / (rotations * 2.0 * std::numbers::pi)) /
               (2.0 * std::log(source.theta));
    };
    double low = turning(from.positive_or("beta_fast", 32.0));
    double high = turning(from.positive_or("beta_slow", 1.0));
    if (from.flag_or("truncate", true)) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, dims - 1.0);
    if (low == high) high += 0.001;
    const std::vector<float> powers = wavelengths(source.theta, source.dims);
    for (std::size_t i = 0; i < powers.size(); ++i) {
        const float ramp = std::clamp(
            (static_cast<float>(i) - static_cast<float>(low)) / static_cast<float>(high - low),
            0.0F, 1.0F);
        const float kept = 1.0F - ramp;
        const float stretched = 1.0F / (static_cast<float>(factor) * powers[i]);
        rope.frequencies[i] = stretched * (1.0F - kept) + 1.0F / powers[i] * kept;
    }
    const auto magnitude = [&](double scale) {
        return factor <= 1.0 ? 1.0 : 0.1 * scale * std::log(factor) + 1.0;
    };
    double scale = magnitude(1.0);
    if (!from.absent("mscale") && !from.absent("mscale_all_dim"))
        scale = magnitude(from.positive("mscale")) / magnitude(from.positive("mscale_all_dim"));
    rope.scale = static_cast<float>(from.positive_or("attention_factor", scale));
}

std::vector<float> divided(const Source& source, const std::string& key) {
    const std::vector<float> powers = wavelengths(source.theta, source.dims);
    const std::vector<double> factors = source.rope->positives(key);
    if (factors.size() != powers.size())
        source.rope->refuse(key, "expected " + std::to_string(powers.size()) + " numbers, found " +
                                     std::to_string(factors.size()));
    std::vector<float> frequencies;
    for (std::size_t i = 0; i < powers.size(); ++i)
        frequencies.push_back(1.0F / (static_cast<float>(factors[i]) * powers[i]));
    return frequencies;
}

void apply_longrope(const Source& source, Rope& rope) {
    rope.frequencies = divided(source, "short_factor");
    rope.long_frequencies = divided(source, "long_factor");
    rope.long_after = source.original_context();
    const auto original = static_cast<double>(rope.long_after);
    const auto context = static_cast<double>(source.config.size("max_position_embeddings"));
    const double factor = source.rope->positive_or("factor", context / original);
    const double scale =
        factor <= 1.0 ? 1.0 : std::sqrt(1.0 + std::log(factor) / std::log(original));
    rope.scale = static_cast<float>(source.rope->positive_or("attention_factor", scale));
}

void apply_linear(const Source& source, Rope& rope) {
    const auto factor = static_cast<float>(source.rope->positive("factor"));
    for (float& frequency : rope.frequencies) frequency /= factor;
}

/// The part of the configuration that describes this rope: the newer dialect's before the older's.
std::optional<ConfigReader> described(const ConfigReader& config, const RopeKeys& keys) {
    if (const auto parameters = config.part("rope_parameters")) {
        if (keys.layer_type.empty() || parameters->absent(keys.layer_type)) return parameters;
        return parameters->part(keys.layer_type);
    }
    return keys.scaled ? config.part("rope_scaling") : std::nullopt;
}

double number_of(const std::optional<ConfigReader>& rope, const std::string& name,
                 const ConfigReader& config, const std::string& key, double fallback) {
    if (rope && !rope->absent(name)) return rope->positive(name);
    return config.positive_or(key, fallback);
}

}  // namespace

Rope read_rope(const ConfigReader& config, const RopeKeys& keys) {
    Source source{.config = config, .rope = described(config, keys)};
    source.theta = number_of(source.rope, "rope_theta", config, keys.theta_key, keys.theta);
    const double fraction =
        number_of(source.rope, "partial_rotary_factor", config, keys.fraction_key, keys.fraction);
    source.dims = static_cast<std::int64_t>(static_cast<double>(keys.head_dim) * fraction);
    if (fraction == 1.0 && keys.head_dim % 2 != 0)
        config.refuse("head_dim", "expected an even number");
    if (source.dims % 2 != 0 || source.dims < 2 || source.dims > keys.head_dim)
        config.refuse(keys.fraction_key, "expected an even part of a head of " +
                                             std::to_string(keys.head_dim) + ", found " +
                                             std::to_string(source.dims));
    Rope rope;
    for (const float power : wavelengths(source.theta, source.dims))
        rope.frequencies.push_back(1.0F / power);
    if (!source.rope) return rope;

    const std::string kind =
        source.rope->text_or("rope_type", source.rope->text_or("type", "default"));
    if (kind == "linear") {
        apply_linear(source, rope);
    } else if (kind == "llama3") {
        apply_llama3(source, rope);
    } else if (kind == "yarn") {
        apply_yarn(source, rope);
    } else if (kind == "longrope" || kind == "su") {
        apply_longrope(source, rope);
    } else if (kind != "default" && kind != "dynamic") {
        source.rope->refuse("rope_type", "'" + kind +
                                             "' is not supported; supported: default, linear, "
                                             "dynamic, yarn, longrope, llama3");
    }
    return rope;
}

}  // namespace evoke::lm
