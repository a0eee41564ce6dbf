#include "evoke/checkpoint/options.hpp"

#include <charconv>

#include "evoke/core/error.hpp"

namespace evoke::checkpoint {

std::size_t kept_generations(const CheckpointOptions& options) {
    if (options.keep == "all") return 0;
    std::size_t count = 0;
    const char* end = options.keep.data() + options.keep.size();
    const auto [rest, error] = std::from_chars(options.keep.data(), end, count);
    if (error != std::errc{} || rest != end || count < 2)
        throw InputError{Diagnostic{.what = "checkpoint.keep",
                                    .expected = "\"all\" or a number of files from 2",
                                    .found = "\"" + options.keep + "\""}};
    return count;
}

}  // namespace evoke::checkpoint
