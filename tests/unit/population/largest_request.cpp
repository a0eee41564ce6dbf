#include "unit/population/largest_request.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

std::size_t evoke::test::largest_request = 0;

void* operator new(std::size_t size) {
    evoke::test::largest_request = std::max(evoke::test::largest_request, size);
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
