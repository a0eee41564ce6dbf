#pragma once

#include <cstdint>
#include <vector>

#include "lm/config_reader.hpp"

namespace evoke::lm {

/// Radians per position of each rotated pair, [dims / 2], from either dialect of config.json:
/// rope_theta + rope_scaling{type|rope_type} or rope_parameters{…}. Kinds: default, linear, dynamic
/// and llama3; another one is refused by name. `dynamic` changes nothing up to
/// max_position_embeddings, which is where our context ends.
/// Computed in single precision in the order of transformers, whose rounding a long context shows.
[[nodiscard]] std::vector<float> inverse_frequencies(const ConfigReader& config, std::int64_t dims);

}  // namespace evoke::lm
