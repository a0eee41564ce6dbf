#pragma once

#include <cstddef>
#include <vector>

namespace evoke::lm {

/// Memory at a multiple of a cache line: vectors that lie across two of them load at half speed.
class AlignedFloats {
public:
    explicit AlignedFloats(std::size_t count = 0) { reach(count); }

    /// At least `count` numbers; what they were is lost when there were fewer.
    void reach(std::size_t count) {
        const std::size_t lines = (count + per_line - 1) / per_line;
        if (lines > lines_.size()) lines_ = std::vector<Line>(lines);
    }

    [[nodiscard]] float* data() { return lines_.empty() ? nullptr : lines_.front().numbers; }

private:
    static constexpr std::size_t per_line = 16;
    struct alignas(64) Line {
        float numbers[per_line];
    };
    std::vector<Line> lines_;
};

}  // namespace evoke::lm
