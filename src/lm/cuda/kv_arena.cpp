#include "lm/cuda/kv_arena.hpp"

#include <ATen/ops/empty.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace evoke::lm::cuda {

namespace {

constexpr std::int64_t first_slots = 4096;

}  // namespace

KvArena::KvArena(const ModelSpec& spec, at::ScalarType dtype, at::Device device,
                 std::int64_t most_slots)
    : sizes_{spec.key_value_heads, spec.head_dim},
      options_{at::TensorOptions{}.dtype(dtype).device(device)},
      wanted_limit_{most_slots},
      keys_(static_cast<std::size_t>(spec.layers())),
      values_(keys_.size()) {
    clear();
}

void KvArena::clear() {
    ++version_;
    for (std::size_t layer = 0; layer < keys_.size(); ++layer)
        keys_[layer] = values_[layer] = at::empty({0, sizes_[0], sizes_[1]}, options_);
}

void KvArena::release() {
    if (used_ > 0) return;
    clear();
    free_.clear();
    slots_ = limit_ = 0;
}

std::size_t KvArena::bytes_per_slot() const {
    return 2 * keys_.size() * static_cast<std::size_t>(sizes_[0] * sizes_[1]) *
           keys_[0].element_size();
}

std::shared_ptr<KvState> KvArena::allocate(std::int64_t first, std::int64_t capacity) {
    const std::int64_t slot = take(capacity);
    return std::make_shared<ArenaState>(shared_from_this(), slot, first, capacity);
}

std::int64_t KvArena::take(std::int64_t count) {
    const auto fits = [&](const auto& run) { return run.second >= count; };
    auto found = std::ranges::find_if(free_, fits);
    if (found == free_.end()) {
        grow(slots_ + count);
        found = std::ranges::find_if(free_, fits);
    }
    const auto [first, length] = *found;
    free_.erase(found);
    if (length > count) free_.emplace(first + count, length - count);
    used_ += count;
    return first;
}

void KvArena::give(std::int64_t first, std::int64_t count) {
    used_ -= count;
    const auto after = free_.lower_bound(first);
    if (after != free_.end() && after->first == first + count) {
        count += after->second;
        free_.erase(after);
    }
    const auto behind = free_.lower_bound(first);
    if (behind != free_.begin()) {
        const auto before = std::prev(behind);
        if (before->first + before->second == first) {
            before->second += count;
            return;
        }
    }
    free_.emplace(first, count);
}

std::int64_t KvArena::limit() {
    if (limit_ > 0) return limit_;
    limit_ = std::numeric_limits<std::int32_t>::max();
    if (wanted_limit_ > 0) {
        limit_ = wanted_limit_;
    } else if (!options_.device().is_cpu()) {
        const std::size_t bytes = c10::getDeviceAllocator(options_.device().type())
                                      ->getMemoryInfo(options_.device().index())
                                      .first;
        limit_ = static_cast<std::int64_t>(bytes / 4 * 3 / bytes_per_slot());
    }
    return limit_;
}

// Layer by layer, so that only one layer is there twice. A layer that found no memory leaves those
// before it larger than the others, which the next attempt finds so.
void KvArena::grow(std::int64_t least) {
    if (least > limit())
        C10_THROW_ERROR(OutOfMemoryError, "out of memory: states for " + std::to_string(least) +
                                              " tokens exceed the limit of " +
                                              std::to_string(limit()));
    const std::int64_t wanted = std::min(limit(), std::max({least, 2 * slots_, first_slots}));
    ++version_;
    const auto enlarge = [&](at::Tensor& old) {
        if (old.size(0) >= wanted) return;
        at::Tensor larger = at::empty({wanted, sizes_[0], sizes_[1]}, options_);
        larger.narrow(0, 0, slots_).copy_(old.narrow(0, 0, slots_));
        old = std::move(larger);
    };
    for (std::size_t layer = 0; layer < keys_.size(); ++layer) {
        enlarge(keys_[layer]);
        enlarge(values_[layer]);
    }
    const std::int64_t added = wanted - slots_;
    const std::int64_t first = std::exchange(slots_, wanted);
    used_ += added;
    give(first, added);
}

ArenaState::ArenaState(std::shared_ptr<KvArena> arena, std::int64_t slot, std::int64_t first,
                       std::int64_t capacity)
    : KvState{first, capacity}, arena_{std::move(arena)}, slot_{slot} {}

ArenaState::~ArenaState() {
    arena_->give(slot_, end() - first());
}

std::size_t ArenaState::bytes() const {
    return static_cast<std::size_t>(end() - first()) * arena_->bytes_per_slot();
}

}  // namespace evoke::lm::cuda
