#pragma once

#include <cstdint>
#include <vector>

#include "lm/cuda/device_ops.hpp"
#include "lm/rotation_table.hpp"

namespace evoke::lm::cuda {

/// The rotation tables of a model on a device. All have the same places: those of short texts, then
/// those of long ones.
class DeviceTurns {
public:
    DeviceTurns(const ModelSpec& spec, at::Device device);

    /// Makes positions 0 .. count-1 available; places and tables change when `capacity` does.
    void reach(std::int64_t count);

    [[nodiscard]] std::int64_t capacity() const { return capacity_; }

    [[nodiscard]] std::int64_t place(std::int64_t position, bool long_text) const {
        return position + (long_text && two_lengths_ ? capacity_ : 0);
    }
    [[nodiscard]] const Turns& of(const LayerSpec& layer) const {
        return turns_[layer.rope == LayerSpec::no_rope ? turns_.size() - 1 : layer.rope];
    }

private:
    [[nodiscard]] Turns made(std::size_t rope);

    Rotations rotations_;
    at::Device device_;
    bool two_lengths_;
    std::int64_t capacity_ = 0;
    std::vector<Turns> turns_;  ///< [ropes], then one that turns nothing
};

}  // namespace evoke::lm::cuda
