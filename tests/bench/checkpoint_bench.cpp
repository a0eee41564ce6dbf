// What a generation file costs: 10,000 individuals, each measured on 300 examples, written and
// verified. The search waits for nothing else meanwhile, so this is the whole price of a
// checkpoint.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <limits>

#include "evoke/checkpoint/generation_file.hpp"
#include "evoke/checkpoint/journal.hpp"
#include "evoke/core/clock.hpp"
#include "support/sample_generation.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using test::TemporaryFolder;

double processor_milliseconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto milliseconds = [](const timeval& time) {
        return 1e3 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_usec);
    };
    return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

/// Milliseconds of one call, by the clock on the wall and by the processor's.
struct Cost {
    double wall = 0;
    double processor = 0;
};

template <class Work>
Cost cost_of(const Work& work) {
    const SteadyClock clock;
    const double processor = processor_milliseconds();
    const TimePoint start = clock.now();
    work();
    return {.wall = 1e3 * seconds(clock.now() - start),
            .processor = processor_milliseconds() - processor};
}

/// The cheapest of several runs: others may be using the machine.
template <class Work>
Cost least_cost_of(int runs, const Work& work) {
    Cost least{.wall = std::numeric_limits<double>::infinity()};
    for (int i = 0; i < runs; ++i) {
        const Cost cost = cost_of(work);
        if (cost.wall < least.wall) least = cost;
    }
    return least;
}

void report(const char* what, const Cost& cost) {
    std::cout << what << ": " << cost.wall << " ms (" << cost.processor << " ms of processors)\n";
}

/// Writes and reads a generation of this size; returns the milliseconds of writing it.
double measure(test::SampleSize size) {
    const TemporaryFolder folder;
    const auto path = folder / "gen-000001.h5";
    const GenerationRecord record = test::sample_generation(1, "", size);
    std::cout << size.individuals << " individuals x " << size.examples << " examples\n";
    const Cost writing = least_cost_of(8, [&] { write_generation(path, record); });
    report("  written and verified", writing);
    report("  read and verified", least_cost_of(2, [&] { (void)read_generation(path); }));
    std::cout << "  size: " << std::filesystem::file_size(path) / 1024 << " KiB\n";
    return writing.wall;
}

TEST(CheckpointBench, a_large_generation_is_written_and_verified_in_half_a_second) {
    EXPECT_LE(measure({.individuals = 10000, .examples = 300}), 500);
}

TEST(CheckpointBench, an_ordinary_generation_is_written_in_a_tenth_of_a_second) {
    EXPECT_LE(measure({.individuals = 100, .examples = 200}), 100);
}

TEST(CheckpointBench, ten_thousand_prompts_alone_take_a_tenth_of_a_second) {
    EXPECT_LE(measure({.individuals = 10000, .examples = 1}), 100);
}

TEST(CheckpointBench, journal_entries_cost_microseconds) {
    const TemporaryFolder folder;
    const SteadyClock clock;
    Journal journal{folder / "journal-000001", clock, std::chrono::seconds{1}};
    constexpr std::size_t entries = 5000;
    JournalOutcomes unit{.keys = std::vector<ContentHash>(30),
                         .outcomes = std::vector<population::Outcome>(
                             30, {.values = {1.0F, 0.5F}, .prompt_tokens = 60})};
    const Cost cost = cost_of([&] {
        for (std::size_t i = 0; i < entries; ++i) journal.append(unit);
    });
    std::cout << "a unit of 30 outcomes appended: " << 1e3 * cost.wall / entries << " us\n";
    EXPECT_LE(cost.wall / entries, 1.0);
}

}  // namespace
}  // namespace evoke::checkpoint
