#pragma once

#include <atomic>

#include "evoke/core/clock.hpp"

namespace evoke::test {

/// Time that passes when the test says so. From any thread.
class ManualClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override {
        return TimePoint{Duration{since_start_.load()}};
    }
    void advance(Duration duration) { since_start_ += duration.count(); }

private:
    std::atomic<Duration::rep> since_start_ = 0;
};

/// Time that runs by itself, `speed` times as fast as the real one: for tests in which many threads
/// wait for each other.
class FastClock final : public Clock {
public:
    explicit FastClock(int speed) : speed_{speed} {}
    [[nodiscard]] TimePoint now() const override {
        return TimePoint{speed_ * (std::chrono::steady_clock::now() - start_)};
    }

private:
    int speed_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The instant `duration` after the start.
[[nodiscard]] inline TimePoint at(Duration duration) {
    return TimePoint{duration};
}

}  // namespace evoke::test
