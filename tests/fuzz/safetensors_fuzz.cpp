// The header of a safetensors file: what is accepted lies inside the file, and no two tensors share
// bytes.

#include "lm/safetensors.hpp"

#include "target.hpp"

namespace {

using namespace evoke;

void check(ByteView file) {
    std::size_t sum = 0;
    for (const auto& [name, tensor] : lm::read_safetensors("model.safetensors", file)) {
        const bool inside = tensor.bytes.data() >= file.data() &&
                            tensor.bytes.data() + tensor.bytes.size() <= file.data() + file.size();
        if (!inside) fuzz::report("a tensor lies outside of the file");
        if (tensor.elements() < 0) fuzz::report("a tensor has fewer than no elements");
        sum += tensor.bytes.size();
    }
    if (sum > file.size()) fuzz::report("tensors share bytes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::refused_or_used([&] { check(ByteView{reinterpret_cast<const std::byte*>(data), size}); });
    return 0;
}
