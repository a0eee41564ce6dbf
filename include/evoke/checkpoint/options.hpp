#pragma once

#include <cstddef>
#include <string>
#include <tuple>

#include "evoke/core/options.hpp"

namespace evoke::checkpoint {

/// The table [checkpoint].
struct CheckpointOptions {
    std::string keep = "all";
    double journal_seconds = 1;

    static constexpr auto rows() {
        using C = CheckpointOptions;
        return std::tuple{
            OptionRow{.name = "keep",
                      .member = &C::keep,
                      .meaning =
                          "generation files that stay: \"all\", or a number: the newest ones "
                          "(two at least)",
                      .kind = KeyKind::free},
            OptionRow{.name = "journal_seconds",
                      .member = &C::journal_seconds,
                      .meaning = "longest time a finished unit waits to be on disk",
                      .unit = "s",
                      .minimum = 0,
                      .maximum = 60,
                      .kind = KeyKind::free},
        };
    }
};

/// CheckpointOptions::keep as `prune` takes it: 0 for "all". Throws InputError for anything else
/// that is not a number from 2.
[[nodiscard]] std::size_t kept_generations(const CheckpointOptions& options);

}  // namespace evoke::checkpoint
