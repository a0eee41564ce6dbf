#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace evoke::lm {

/// Cosines and sines of position * frequency, [positions, pairs], made as positions are needed.
class RotationTable {
public:
    explicit RotationTable(std::vector<float> frequencies) : frequencies_{std::move(frequencies)} {}

    /// Makes positions 0 .. count-1 available.
    void reach(std::int64_t count);

    [[nodiscard]] std::int64_t pairs() const {
        return static_cast<std::int64_t>(frequencies_.size());
    }
    [[nodiscard]] const float* cosines(std::int64_t position) const {
        return cosines_.data() + position * pairs();
    }
    [[nodiscard]] const float* sines(std::int64_t position) const {
        return sines_.data() + position * pairs();
    }

private:
    std::vector<float> frequencies_;
    std::vector<float> cosines_;
    std::vector<float> sines_;
};

}  // namespace evoke::lm
