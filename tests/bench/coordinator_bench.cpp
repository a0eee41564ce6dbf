// What coordination costs, and how well it keeps ranks busy. Goals (docs/performance.md): at most
// 200 µs of the coordinator's CPU per evaluation, at least 5,000 dispatches a second, efficiency of
// 95 % on 8 ranks and 90 % on 64.
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <future>
#include <numbers>
#include <thread>

#include "evoke/cluster/cluster.hpp"
#include "evoke/core/random.hpp"

namespace evoke::cluster {
namespace {

/// CPU seconds of the calling thread.
double thread_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Cost {
    double wall_seconds = 0;
    double coordinator_seconds = 0;  ///< CPU of the messages thread of rank 0
};

/// Runs a search on `size` ranks in threads; only the time of the search itself counts, from when
/// all ranks have joined.
class Ranks {
public:
    Ranks(int size, UnitHandler handler)
        : handler_{std::move(handler)},
          transports_{make_in_process_transports(size)},
          progress_(static_cast<std::size_t>(size)) {}

    Cost run(const std::function<void(WorkQueue&)>& search) {
        std::vector<std::future<WorkerEnd>> ends;
        for (std::size_t rank = 1; rank < transports_.size(); ++rank)
            ends.push_back(
                std::async(std::launch::async, [this, rank] { return run_worker(rank_at(rank)); }));
        Cost cost;
        const double cpu_before = thread_seconds();
        EXPECT_TRUE(run_coordinator(rank_at(0), [&](WorkQueue& queue) {
            wait_for_all(queue);
            const auto begun = std::chrono::steady_clock::now();
            search(queue);
            cost.wall_seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        }));
        cost.coordinator_seconds = thread_seconds() - cpu_before;
        return cost;
    }

private:
    Rank rank_at(std::size_t rank) {
        return {*transports_[rank], clock_, {}, {}, handler_, progress_[rank], stop_};
    }
    void wait_for_all(WorkQueue& queue) const {
        const auto joined = [](const WorkerReport& worker) { return !worker.lost; };
        while (true) {
            const auto workers = queue.workers();
            if (workers.size() == transports_.size() && std::ranges::all_of(workers, joined))
                return;
            std::this_thread::yield();
        }
    }

    UnitHandler handler_;
    std::vector<std::unique_ptr<Transport>> transports_;
    std::vector<Progress> progress_;
    SteadyClock clock_;
    std::atomic<bool> stop_ = false;
};

TEST(CoordinatorBench, cpu_and_rate_of_dispatch) {
    constexpr int units = 50'000;
    // About what a genome of 300 tokens with a block of 30 examples takes, and its outcomes.
    const Bytes payload(2'000);
    Ranks ranks{4, [](ByteView) { return Bytes(1'000); }};
    const Cost cost = ranks.run([&](WorkQueue& queue) {
        for (int unit = 0; unit < units; ++unit)
            queue.submit(payload, static_cast<std::uint64_t>(unit % 100));
        for (int unit = 0; unit < units; ++unit)
            EXPECT_TRUE(std::holds_alternative<UnitDone>(queue.wait()));
    });
    const double cpu_us = 1e6 * cost.coordinator_seconds / units;
    const double rate = units / cost.wall_seconds;
    std::printf("coordinator: %.1f us CPU per unit, %.0f dispatches/s on 4 ranks\n", cpu_us, rate);
    EXPECT_LE(cpu_us, 200);
    EXPECT_GE(rate, 5'000);
}

/// Lognormal with the given mean and a coefficient of variation of 0.5, by unit.
double work_seconds(double mean, std::uint32_t unit) {
    const RandomKey key{.seed = 3, .slot = unit};
    const double radius = std::sqrt(-2 * std::log(1 - random_uniform(key, 0)));
    const double normal = radius * std::cos(2 * std::numbers::pi * random_uniform(key, 1));
    const double sigma = std::sqrt(std::log(1.25));
    return mean * std::exp(sigma * normal - sigma * sigma / 2);
}

/// How much of the ranks' time is work, over three generations of 50 units per rank.
double efficiency(int size, double mean) {
    const auto handler = [mean](ByteView payload) {
        const auto unit = static_cast<std::uint32_t>(std::stoul(std::string{as_text(payload)}));
        std::this_thread::sleep_for(std::chrono::duration<double>(work_seconds(mean, unit)));
        return Bytes{};
    };
    constexpr int generations = 3;
    const int units = 50 * size;
    double busy = 0;
    Ranks ranks{size, handler};
    const Cost cost = ranks.run([&](WorkQueue& queue) {
        for (int generation = 0; generation < generations; ++generation) {
            for (int unit = 0; unit < units; ++unit) {
                const auto number = static_cast<std::uint32_t>(generation * units + unit);
                const std::string text = std::to_string(number);
                const ByteView view = as_bytes(text);
                // What a unit will take is known roughly, as tokens.
                const double expected = work_seconds(mean, number);
                queue.submit({view.begin(), view.end()},
                             static_cast<std::uint64_t>(expected * 1e6));
                busy += expected;
            }
            for (int unit = 0; unit < units; ++unit) static_cast<void>(queue.wait());
        }
    });
    const double efficient = busy / (size * cost.wall_seconds);
    std::printf("%d ranks, units of %.0f ms: efficiency %.1f %%\n", size, 1e3 * mean,
                100 * efficient);
    return efficient;
}

TEST(CoordinatorBench, keeps_8_ranks_busy) {
    EXPECT_GE(efficiency(8, 0.02), 0.95);
}

TEST(CoordinatorBench, keeps_64_ranks_busy) {
    EXPECT_GE(efficiency(64, 0.05), 0.90);
}

}  // namespace
}  // namespace evoke::cluster
