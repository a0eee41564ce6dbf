#include "lm/residency.hpp"

#include <c10/util/Exception.h>

#include <algorithm>
#include <string_view>

#include "evoke/core/log.hpp"

namespace evoke::lm {

bool is_out_of_memory(const c10::Error& error) {
    const std::string_view text{error.what_without_backtrace()};
    return text.find("out of memory") != text.npos || text.find("not enough memory") != text.npos ||
           text.find("can't allocate memory") != text.npos;
}

bool Residency::lower(const std::string& reason) {
    if (texts_ == 1 && cache_bytes_ == 0) return false;
    // One text beside no cache is the last step.
    cache_bytes_ = texts_ <= 4 ? 0 : cache_bytes_ / 4;
    texts_ = std::max<std::size_t>(1, texts_ / 4);
    if (!said_)
        log::warn("memory ran out; fewer texts and prefixes stay in it from now on: {}", reason);
    said_ = true;
    return true;
}

}  // namespace evoke::lm
