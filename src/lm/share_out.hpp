#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace evoke::lm {

/// Shares tasks 0 .. count-1 out over the threads. Each has a run of them, so that neighbours find
/// what they share in its cache, and helps the others when it is done, since cores are not equally
/// fast from moment to moment. `start` is called once on each thread that gets a task, and what it
/// returns with every task of that thread.
template <class Start>
void share_out(std::int64_t count, const Start& start) {
    const std::int64_t threads = std::min<std::int64_t>(count, at::get_num_threads());
    const auto end_of = [&](std::int64_t run) { return count * (run + 1) / threads; };
    std::vector<std::atomic<std::int64_t>> next(static_cast<std::size_t>(threads));
    for (std::int64_t run = 1; run < threads; ++run)
        next[static_cast<std::size_t>(run)] = end_of(run - 1);
    at::parallel_for(0, threads, 1, [&](std::int64_t thread, std::int64_t) {
        auto work = start();
        for (std::int64_t i = 0; i < threads; ++i) {
            const std::int64_t run = (thread + i) % threads;
            auto& place = next[static_cast<std::size_t>(run)];
            for (std::int64_t task = place++; task < end_of(run); task = place++) work(task);
        }
    });
}

}  // namespace evoke::lm
