#include "lm/rotation_table.hpp"

#include <algorithm>
#include <cmath>

namespace evoke::lm {

void RotationTable::reach(std::int64_t count) {
    const std::int64_t present = static_cast<std::int64_t>(cosines_.size()) / pairs();
    if (count <= present) return;
    count = std::max(count, 2 * present);
    cosines_.reserve(static_cast<std::size_t>(count * pairs()));
    sines_.reserve(static_cast<std::size_t>(count * pairs()));
    for (std::int64_t position = present; position < count; ++position) {
        for (const float frequency : frequencies_) {
            const float angle = static_cast<float>(position) * frequency;
            cosines_.push_back(std::cos(angle));
            sines_.push_back(std::sin(angle));
        }
    }
}

}  // namespace evoke::lm
