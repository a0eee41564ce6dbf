#pragma once

#include <cstddef>
#include <string>

namespace c10 {
class Error;
}

namespace evoke::lm {

/// Whether an error of libtorch says that memory ran out.
[[nodiscard]] bool is_out_of_memory(const c10::Error& error);

/// How much stays in memory between and beside the packed forwards. When memory runs out, less of
/// it does; the forwards keep their shape, on which bits may depend.
class Residency {
public:
    Residency(std::size_t cache_bytes, std::size_t texts)
        : cache_bytes_{cache_bytes}, texts_{texts} {}

    [[nodiscard]] std::size_t cache_bytes() const { return cache_bytes_; }  ///< of shared prefixes
    [[nodiscard]] std::size_t texts() const { return texts_; }  ///< that grow at the same time

    /// A quarter of each; the first time says so in the log, with the reason. False when it is at
    /// its least already: one text, and nothing between calls.
    bool lower(const std::string& reason);

private:
    std::size_t cache_bytes_;
    std::size_t texts_;
    bool said_ = false;
};

}  // namespace evoke::lm
