#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "lm/model_spec.hpp"

namespace evoke::lm {

/// Cosines and sines of position * frequency, [positions, pairs], made as positions are needed.
class RotationTable {
public:
    RotationTable(std::vector<float> frequencies, float scale)
        : frequencies_{std::move(frequencies)}, scale_{scale} {}

    /// Makes positions 0 .. count-1 available.
    void reach(std::int64_t count);

    [[nodiscard]] std::int64_t pairs() const {
        return static_cast<std::int64_t>(frequencies_.size());
    }
    /// Null when nothing turns.
    [[nodiscard]] const float* cosines(std::int64_t position) const {
        return cosines_.data() + position * pairs();
    }
    [[nodiscard]] const float* sines(std::int64_t position) const {
        return sines_.data() + position * pairs();
    }

private:
    std::vector<float> frequencies_;
    float scale_;
    std::vector<float> cosines_;
    std::vector<float> sines_;
};

/// The tables of a model: one for each rope and length of text, and one that turns nothing.
class Rotations {
public:
    explicit Rotations(const ModelSpec& spec);

    [[nodiscard]] RotationTable& of(const LayerSpec& layer, bool long_text);

private:
    std::vector<RotationTable> tables_;  ///< short and long of each rope, then the still one
};

}  // namespace evoke::lm
