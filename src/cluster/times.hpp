#pragma once

#include <algorithm>
#include <chrono>

#include "evoke/cluster/options.hpp"
#include "evoke/core/clock.hpp"

namespace evoke::cluster {

/// The options' seconds as durations. Whoever judges by the absence of beats waits for at least
/// four of them, whatever the options say.
struct Times {
    explicit Times(const ClusterOptions& options)
        : beat{from(options.beat_seconds)},
          lease{std::max(from(options.lease_seconds), 4 * beat)},
          quiet{10 * beat},
          silence{std::max(from(options.silence_seconds), 4 * beat)},
          start{std::max(from(options.start_seconds), silence)} {}

    Duration beat;
    Duration lease;
    Duration quiet;    ///< without a word for so long, a worker gets no leases
    Duration silence;  ///< without a word for so long, a worker leaves
    Duration start;    ///< the same before the first word

private:
    static Duration from(double seconds) {
        return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    }
};

}  // namespace evoke::cluster
