#pragma once

#include <cstdint>

namespace evoke::lm {

enum class Activation : std::uint8_t {
    silu,
    gelu,       ///< with the error function
    gelu_tanh,  ///< the approximation of GPT-2 and Gemma
    relu,
};

}  // namespace evoke::lm
