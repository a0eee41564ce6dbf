#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lm/config_reader.hpp"

namespace evoke::lm {

/// Rotary positions: dimensions i and i + pairs of a head turn by position * frequency.
struct Rope {
    std::vector<float> frequencies;  ///< radians per position, [pairs]
    /// Of texts longer than `long_after` ids (longrope); empty: the same for all.
    std::vector<float> long_frequencies;
    std::int64_t long_after = 0;
    float scale = 1.0F;  ///< of cosines and sines
};

/// Where a family keeps its rope.
struct RopeKeys {
    std::int64_t head_dim = 0;
    double theta = 10000.0;  ///< when the configuration names none
    std::string theta_key = "rope_theta";
    std::string fraction_key = "partial_rotary_factor";
    double fraction = 1.0;   ///< of the head that turns, when the configuration names none
    std::string layer_type;  ///< a part of rope_parameters of its own, if the file has one
    bool scaled = true;      ///< whether rope_scaling of the older dialect applies
};

/// From either dialect of config.json: rope_theta + rope_scaling{type|rope_type} or
/// rope_parameters{…}, the latter per layer type or for all. Kinds: default, linear, dynamic, yarn,
/// longrope and llama3; another one is refused by name. `dynamic` changes nothing up to
/// max_position_embeddings, which is where our context ends.
/// Computed in single precision in the order of transformers, whose rounding a long context shows.
[[nodiscard]] Rope read_rope(const ConfigReader& config, const RopeKeys& keys);

}  // namespace evoke::lm
