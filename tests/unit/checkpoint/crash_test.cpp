// Kills a writer, at random instants and between any two steps, and looks at what is left. The
// number of random kills comes from EVOKE_KILLS (the bench takes a thousand).

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "evoke/checkpoint/journal.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/random.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using test::TemporaryFolder;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Ended {
    std::string output;  ///< whole lines
    bool killed = false;
    int exit_code = -1;
};

/// Runs the writer and kills it `patience` after its first line, if it still runs.
Ended run_writer(const std::vector<std::string>& arguments, std::optional<Milliseconds> patience) {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(out[1], STDOUT_FILENO);
        const int nowhere = ::open("/dev/null", O_WRONLY);
        ::dup2(nowhere, STDERR_FILENO);  // warnings of locks taken over
        std::vector<std::string> words{EVOKE_GENERATION_WRITER};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> pointers;
        for (std::string& word : words) pointers.push_back(word.data());
        pointers.push_back(nullptr);
        ::execv(EVOKE_GENERATION_WRITER, pointers.data());
        ::_exit(127);
    }
    ::close(out[1]);

    using Clock = std::chrono::steady_clock;
    std::optional<Clock::time_point> deadline;
    Ended ended;
    std::array<char, 4096> buffer{};
    while (true) {
        int wait = -1;
        if (deadline) {
            const Milliseconds left = *deadline - Clock::now();
            wait = left.count() <= 0 ? 0 : static_cast<int>(left.count()) + 1;
            if (left.count() <= 0) ::kill(child, SIGKILL);
        }
        pollfd readable{.fd = out[0], .events = POLLIN, .revents = 0};
        ::poll(&readable, 1, wait == 0 ? -1 : wait);
        if (readable.revents == 0) continue;
        const ssize_t count = ::read(out[0], buffer.data(), buffer.size());
        if (count <= 0) break;
        ended.output.append(buffer.data(), static_cast<std::size_t>(count));
        if (!deadline && patience)
            deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(*patience);
    }
    ::close(out[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ended.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
    ended.output.resize(ended.output.rfind('\n') + 1);
    return ended;
}

/// What the writer said was safe.
struct Acknowledged {
    int generation = -1;        ///< the last one
    std::uint32_t entries = 0;  ///< of the journal of the generation after it
};

Acknowledged parse(const std::string& output) {
    Acknowledged found;
    std::istringstream lines{output};
    std::string word;
    while (lines >> word) {
        int generation = 0;
        lines >> generation;
        if (word == "generation") found = {.generation = generation};
        if (word == "entry") {
            std::uint32_t entry = 0;
            lines >> entry;
            if (generation == found.generation + 1) found.entries = entry + 1;
        }
    }
    return found;
}

/// Everything that was acknowledged is there and verifies, and nothing else pretends to be.
void expect_intact(const RunLayout& layout, const Acknowledged& safe, const std::string& when) {
    const VerifyReport report = verify_run(layout);
    for (const auto& file : report.files) EXPECT_EQ(file.problem, "") << file.path << " " << when;
    const Newest newest = newest_generation(layout);
    EXPECT_TRUE(newest.warnings.empty()) << when;
    const int found = newest.record ? static_cast<int>(newest.record->state.generation) : -1;
    EXPECT_GE(found, safe.generation) << when;
    if (found != safe.generation) return;
    const auto next = layout.journal(static_cast<std::uint32_t>(found + 1));
    EXPECT_GE(read_journal(next).entries.size(), safe.entries) << when;
}

std::uint32_t kills() {
    const char* value = std::getenv("EVOKE_KILLS");
    return value == nullptr ? 100 : static_cast<std::uint32_t>(std::atoi(value));
}

TEST(Crash, no_acknowledged_generation_or_journal_entry_is_lost_however_the_writer_is_killed) {
    constexpr double longest_life_ms = 60;
    constexpr std::uint32_t lives = 5;  // of one run, each resumed from what the last one left
    std::uint32_t killed = 0;
    std::uint32_t generations = 0;
    for (std::uint32_t round = 0; killed < kills(); ++round) {
        const TemporaryFolder folder;
        const RunLayout layout{.folder = folder.path()};
        for (std::uint32_t life = 0; life < lives; ++life) {
            const RandomKey key{.seed = 1, .generation = round, .slot = life};
            const Milliseconds patience{longest_life_ms * random_uniform(key, 0)};
            const Ended ended = run_writer(
                {folder.path().string(), "100000", "--individuals", "20", "--examples", "50"},
                patience);
            ASSERT_TRUE(ended.killed) << "exit code " << ended.exit_code;
            ++killed;
            const std::string when =
                "after life " + std::to_string(life) + " of round " + std::to_string(round);
            expect_intact(layout, parse(ended.output), when);
            if (HasFailure()) return;
        }
        generations += static_cast<std::uint32_t>(layout.generation_numbers().size());
    }
    std::cout << killed << " kills, " << generations << " generations, all intact\n";
    EXPECT_GT(generations, killed / 10) << "the writer was killed before it wrote anything";
}

struct Step {
    const char* name;
    int newest;  ///< generation found when the writer died there in generation 2
};

class CrashAtStep : public testing::TestWithParam<Step> {};

TEST_P(CrashAtStep, leaves_the_old_or_the_new_generation_and_resumes) {
    const TemporaryFolder folder;
    const RunLayout layout{.folder = folder.path()};
    const Ended ended =
        run_writer({folder.path().string(), "9", "--die-at", GetParam().name, "2"}, std::nullopt);
    ASSERT_TRUE(ended.killed);
    EXPECT_EQ(parse(ended.output).generation, 1);
    expect_intact(layout, parse(ended.output), GetParam().name);
    EXPECT_EQ(static_cast<int>(newest_generation(layout).record->state.generation),
              GetParam().newest);

    const Ended resumed = run_writer({folder.path().string(), "4"}, std::nullopt);
    EXPECT_EQ(resumed.exit_code, 0);
    const TemporaryFolder untouched;
    run_writer({untouched.path().string(), "4"}, std::nullopt);
    EXPECT_EQ(verify_run(layout).digest, verify_run({.folder = untouched.path()}).digest);
    EXPECT_FALSE(std::filesystem::exists(layout.generation(2).string() + ".tmp"));
}

INSTANTIATE_TEST_SUITE_P(AllSteps, CrashAtStep,
                         testing::Values(Step{"written", 1}, Step{"synced", 1}, Step{"renamed", 2},
                                         Step{"folder_synced", 2}),
                         [](const auto& instance) { return std::string{instance.param.name}; });

}  // namespace
}  // namespace evoke::checkpoint
