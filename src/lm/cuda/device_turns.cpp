#include "lm/cuda/device_turns.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

namespace evoke::lm::cuda {

namespace {

constexpr std::int64_t first_capacity = 1024;

}  // namespace

DeviceTurns::DeviceTurns(const ModelSpec& spec, at::Device device)
    : rotations_{spec},
      device_{device},
      two_lengths_{spec.short_text() != Reach::everything},
      turns_(spec.ropes.size() + 1) {}

void DeviceTurns::reach(std::int64_t count) {
    if (count <= capacity_) return;
    capacity_ = std::max({count, 2 * capacity_, first_capacity});
    for (std::size_t rope = 0; rope + 1 < turns_.size(); ++rope) turns_[rope] = made(rope);
}

Turns DeviceTurns::made(std::size_t rope) {
    const LayerSpec layer{.rope = rope};
    const auto copies = [&](auto from) {
        std::vector<at::Tensor> tables;
        for (const bool long_text : {false, true}) {
            if (long_text && !two_lengths_) break;
            RotationTable& table = rotations_.of(layer, long_text);
            table.reach(capacity_);
            if (table.pairs() == 0) return at::Tensor{};
            tables.push_back(at::from_blob(const_cast<float*>(from(table)),
                                           {capacity_, table.pairs()},
                                           at::TensorOptions{}.dtype(at::kFloat)));
        }
        return at::cat(tables).to(device_);
    };
    return {copies([](const RotationTable& table) { return table.cosines(0); }),
            copies([](const RotationTable& table) { return table.sines(0); })};
}

}  // namespace evoke::lm::cuda
