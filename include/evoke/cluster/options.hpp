#pragma once

#include <tuple>

#include "evoke/core/options.hpp"

namespace evoke::cluster {

/// The table [cluster]. Nothing here changes a result.
struct ClusterOptions {
    int unit_tokens = 8192;
    double lease_seconds = 60;
    double beat_seconds = 1;
    double silence_seconds = 30;
    double start_seconds = 600;
    int unit_attempts = 3;

    static constexpr auto rows() {
        using C = ClusterOptions;
        return std::tuple{
            OptionRow{.name = "unit_tokens",
                      .member = &C::unit_tokens,
                      .meaning = "tokens of work in one unit",
                      .unit = "tokens",
                      .minimum = 1,
                      .maximum = 1e9,
                      .kind = KeyKind::free},
            OptionRow{.name = "lease_seconds",
                      .member = &C::lease_seconds,
                      .meaning = "a unit without progress for this long is given to another worker",
                      .unit = "s",
                      .minimum = 0.1,
                      .maximum = 1e6,
                      .kind = KeyKind::free},
            OptionRow{.name = "beat_seconds",
                      .member = &C::beat_seconds,
                      .meaning = "time between two signs of life",
                      .unit = "s",
                      .minimum = 0.01,
                      .maximum = 3600,
                      .kind = KeyKind::free},
            OptionRow{.name = "silence_seconds",
                      .member = &C::silence_seconds,
                      .meaning = "a worker that hears nothing from the coordinator for this long "
                                 "leaves",
                      .unit = "s",
                      .minimum = 0.1,
                      .maximum = 1e6,
                      .kind = KeyKind::free},
            OptionRow{.name = "start_seconds",
                      .member = &C::start_seconds,
                      .meaning = "the same before the coordinator's first word: it may still load "
                                 "its model",
                      .unit = "s",
                      .minimum = 0.1,
                      .maximum = 1e6,
                      .kind = KeyKind::free},
            OptionRow{.name = "unit_attempts",
                      .member = &C::unit_attempts,
                      .meaning = "workers that may fail on a unit before the run stops",
                      .minimum = 1,
                      .maximum = 100,
                      .kind = KeyKind::free},
        };
    }
};

}  // namespace evoke::cluster
