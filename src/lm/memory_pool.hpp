#pragma once

#include <cstddef>
#include <memory>

namespace evoke::lm {

/// Memory of forward passes, kept for the next ones: taking it from the system and giving it back
/// each time costs a page fault and a cleared page per 4 KiB, a tenth of a forward pass.
class MemoryPool {
public:
    /// Keeps at most so much memory that nobody uses.
    explicit MemoryPool(std::size_t most_unused_bytes);

    /// At least `bytes`, aligned to 64, with any contents; comes back to the pool when the last
    /// copy of the pointer goes, also after the pool itself. Throws std::bad_alloc.
    [[nodiscard]] std::shared_ptr<void> take(std::size_t bytes);

    [[nodiscard]] std::size_t unused_bytes() const;

private:
    class Store;
    std::shared_ptr<Store> store_;
};

}  // namespace evoke::lm
