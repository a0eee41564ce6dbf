#include "cluster/backoff.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace evoke::cluster {
namespace {

TEST(Backoff, wake_before_the_rest_is_not_lost) {
    Backoff backoff;
    // Pauses have reached their full length.
    for (int i = 0; i < 20; ++i) backoff.rest();
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) {
        backoff.wake();
        backoff.rest();
    }
    // A thousand full pauses would take two seconds.
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{1});
}

TEST(Backoff, rest_ends_by_itself) {
    Backoff backoff;
    for (int i = 0; i < 3; ++i) backoff.rest();
    SUCCEED();
}

TEST(Backoff, wake_comes_from_any_thread) {
    Backoff backoff;
    std::atomic<bool> done = false;
    std::thread other{[&] {
        done = true;
        backoff.wake();
    }};
    while (!done) backoff.rest();
    other.join();
}

}  // namespace
}  // namespace evoke::cluster
