#pragma once

#include <condition_variable>
#include <mutex>

#include "evoke/core/clock.hpp"

namespace evoke::cluster {

/// Where a messages thread rests when it has nothing to do. Threads of this process wake it at
/// once; what comes from other ranks is found when it looks again, after a pause that grows from
/// 50 µs to 2 ms. Pauses are real time: they never decide anything.
class Backoff {
public:
    /// Wakes the messages thread, or spares it its next rest. From any thread.
    void wake();
    /// There was work: the next pause is short again.
    void worked();
    void rest();

private:
    std::mutex mutex_;
    std::condition_variable rung_;
    bool awake_ = false;
    Duration pause_ = shortest;

    static constexpr Duration shortest = std::chrono::microseconds{50};
    static constexpr Duration longest = std::chrono::milliseconds{2};
};

}  // namespace evoke::cluster
