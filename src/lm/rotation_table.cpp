#include "lm/rotation_table.hpp"

#include <algorithm>
#include <cmath>

namespace evoke::lm {

void RotationTable::reach(std::int64_t count) {
    if (pairs() == 0) return;
    const std::int64_t present = static_cast<std::int64_t>(cosines_.size()) / pairs();
    if (count <= present) return;
    count = std::max(count, 2 * present);
    cosines_.reserve(static_cast<std::size_t>(count * pairs()));
    sines_.reserve(static_cast<std::size_t>(count * pairs()));
    for (std::int64_t position = present; position < count; ++position) {
        for (const float frequency : frequencies_) {
            const float angle = static_cast<float>(position) * frequency;
            cosines_.push_back(std::cos(angle) * scale_);
            sines_.push_back(std::sin(angle) * scale_);
        }
    }
}

Rotations::Rotations(const ModelSpec& spec) {
    for (const Rope& rope : spec.ropes) {
        tables_.emplace_back(rope.frequencies, rope.scale);
        tables_.emplace_back(
            rope.long_frequencies.empty() ? rope.frequencies : rope.long_frequencies, rope.scale);
    }
    tables_.emplace_back(std::vector<float>{}, 1.0F);
}

RotationTable& Rotations::of(const LayerSpec& layer, bool long_text) {
    if (layer.rope == LayerSpec::no_rope) return tables_.back();
    return tables_[2 * layer.rope + (long_text ? 1 : 0)];
}

}  // namespace evoke::lm
