#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "lm/backend.hpp"

namespace evoke::lm::cuda {

/// Keys and values of all states in one tensor a layer, so that one call can attend to many
/// states. A state is a run of slots. Grows as states need it, up to a limit.
class KvArena : public std::enable_shared_from_this<KvArena> {
public:
    /// `most_slots`: the limit; 0: three quarters of the memory that a device has free when the
    /// first state is made, no limit on the processor.
    KvArena(const ModelSpec& spec, at::ScalarType dtype, at::Device device,
            std::int64_t most_slots);

    /// Throws c10::OutOfMemoryError when no run of free slots is long enough within the limit.
    [[nodiscard]] std::shared_ptr<KvState> allocate(std::int64_t first, std::int64_t capacity);

    /// Gives its memory back if it holds no state; it grows anew, by what is free then.
    void release();

    /// [slots, key_value_heads, head_dim]; another tensor after the next `allocate`.
    [[nodiscard]] const at::Tensor& keys(std::int64_t layer) const {
        return keys_[static_cast<std::size_t>(layer)];
    }
    [[nodiscard]] const at::Tensor& values(std::int64_t layer) const {
        return values_[static_cast<std::size_t>(layer)];
    }

    /// Another one whenever `keys` and `values` are other tensors.
    [[nodiscard]] std::int64_t version() const { return version_; }

    [[nodiscard]] std::int64_t slots() const { return slots_; }
    [[nodiscard]] std::int64_t used_slots() const { return used_; }
    [[nodiscard]] std::size_t bytes_per_slot() const;

private:
    friend class ArenaState;

    [[nodiscard]] std::int64_t take(std::int64_t count);
    void give(std::int64_t first, std::int64_t count);
    void grow(std::int64_t least);
    [[nodiscard]] std::int64_t limit();
    void clear();

    std::vector<std::int64_t> sizes_;  ///< of a slot in a layer: heads, head_dim
    at::TensorOptions options_;
    std::int64_t wanted_limit_;  ///< 0: by the memory that is free
    std::int64_t limit_ = 0;     ///< 0: not known yet
    std::int64_t slots_ = 0;
    std::int64_t used_ = 0;
    std::int64_t version_ = 0;
    std::vector<at::Tensor> keys_, values_;      ///< [layers]
    std::map<std::int64_t, std::int64_t> free_;  ///< first slot of each free run, and its length
};

/// Positions first .. end-1 in slots slot .. .
class ArenaState final : public KvState {
public:
    ArenaState(std::shared_ptr<KvArena> arena, std::int64_t slot, std::int64_t first,
               std::int64_t capacity);
    ~ArenaState() override;

    [[nodiscard]] std::size_t bytes() const override;
    /// Of a position in it.
    [[nodiscard]] std::int64_t slot(std::int64_t position) const {
        return slot_ + position - first();
    }

private:
    std::shared_ptr<KvArena> arena_;
    std::int64_t slot_;
};

}  // namespace evoke::lm::cuda
