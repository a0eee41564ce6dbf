#include "cluster/backoff.hpp"

#include <algorithm>

namespace evoke::cluster {

void Backoff::wake() {
    {
        const std::lock_guard lock{mutex_};
        awake_ = true;
    }
    rung_.notify_one();
}

void Backoff::worked() {
    pause_ = shortest;
}

void Backoff::rest() {
    std::unique_lock lock{mutex_};
    rung_.wait_for(lock, pause_, [&] { return awake_; });
    awake_ = false;
    pause_ = std::min(2 * pause_, longest);
}

}  // namespace evoke::cluster
