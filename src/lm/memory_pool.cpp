#include "lm/memory_pool.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <new>

namespace evoke::lm {

namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20U;

struct Free {
    void operator()(void* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<void, Free>;

/// Sizes are rounded up so that requests of nearly the same size can use the same memory.
std::size_t rounded(std::size_t bytes) {
    const std::size_t step = bytes >= huge_page ? huge_page : std::size_t{4096};
    return (bytes + step - 1) / step * step;
}

Memory allocate(std::size_t bytes) {
    const bool large = bytes >= huge_page;
    Memory memory{std::aligned_alloc(large ? huge_page : alignment, bytes)};
    if (!memory) throw std::bad_alloc{};
    // A hint: where the system refuses, small pages do.
    if (large) madvise(memory.get(), bytes, MADV_HUGEPAGE);
    return memory;
}

}  // namespace

class MemoryPool::Store {
public:
    explicit Store(std::size_t most) : most_{most} {}

    /// Null when nothing fits without wasting half of it.
    Memory find(std::size_t bytes, std::size_t& size) {
        const std::lock_guard lock{mutex_};
        const auto found = unused_.lower_bound(bytes);
        if (found == unused_.end() || found->first / 2 > bytes) return {};
        size = found->first;
        total_ -= size;
        Memory memory = std::move(found->second);
        unused_.erase(found);
        return memory;
    }

    void put(std::size_t size, Memory memory) {
        const std::lock_guard lock{mutex_};
        if (total_ + size > most_) return;
        unused_.emplace(size, std::move(memory));
        total_ += size;
    }

    std::size_t total() const {
        const std::lock_guard lock{mutex_};
        return total_;
    }

private:
    mutable std::mutex mutex_;
    std::multimap<std::size_t, Memory> unused_;
    std::size_t total_ = 0;
    std::size_t most_;
};

MemoryPool::MemoryPool(std::size_t most_unused_bytes)
    : store_{std::make_shared<Store>(most_unused_bytes)} {}

std::shared_ptr<void> MemoryPool::take(std::size_t bytes) {
    std::size_t size = rounded(bytes);
    Memory memory = store_->find(size, size);
    if (!memory) memory = allocate(size);
    return {memory.release(),
            [store = store_, size](void* used) { store->put(size, Memory{used}); }};
}

std::size_t MemoryPool::unused_bytes() const {
    return store_->total();
}

}  // namespace evoke::lm
