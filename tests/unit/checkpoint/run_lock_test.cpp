#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "checkpoint/lock_rule.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using test::TemporaryFolder;
using testing::ContainsRegex;
using testing::HasSubstr;

/// Makes the file look as if it had last been touched so long ago.
void age(const std::filesystem::path& file, int seconds) {
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    const timespec old{.tv_sec = status.st_mtim.tv_sec - seconds, .tv_nsec = 0};
    const timespec times[2] = {old, old};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
}

/// A lock as a process of another host would have left it.
LockHolder stranger() {
    return {.host = "n9", .boot = "b", .process_space = "p", .process = 5, .started = 6};
}

std::string refusal(const std::filesystem::path& file) {
    try {
        const RunLock lock{file};
    } catch (const RunFolderError& error) {
        return error.what();
    }
    return "taken";
}

TEST(RunLock, names_its_holder_and_vanishes_with_it) {
    const TemporaryFolder folder;
    {
        const RunLock lock{folder / "lock"};
        const auto holder = parse_lock(read_text_file(folder / "lock"));
        ASSERT_TRUE(holder);
        EXPECT_EQ(holder->process, ::getpid());
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(RunLock, is_refused_to_a_second_one_even_of_the_same_process) {
    const TemporaryFolder folder;
    const RunLock lock{folder / "lock"};
    age(folder / "lock", 10000);
    EXPECT_THAT(refusal(folder / "lock"),
                HasSubstr("locked by process " + std::to_string(::getpid())));
}

TEST(RunLock, of_a_killed_process_is_taken_over) {
    const TemporaryFolder folder;
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const RunLock lock{folder / "lock"};
        (void)!::write(ready[1], "x", 1);
        ::pause();
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_THAT(refusal(folder / "lock"), HasSubstr("which is running"));
    ::kill(child, SIGSTOP);
    EXPECT_THAT(refusal(folder / "lock"), HasSubstr("which is running"));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_EQ(refusal(folder / "lock"), "taken");
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST(RunLock, of_another_host_is_taken_over_once_it_is_silent) {
    const TemporaryFolder folder;
    folder.write("lock", to_text(stranger()));
    EXPECT_THAT(refusal(folder / "lock"), HasSubstr("locked by process 5 on n9"));
    age(folder / "lock", 100);
    EXPECT_THAT(refusal(folder / "lock"), ContainsRegex("its last sign of life is 10[0-9] s old"));
    age(folder / "lock", 30);
    EXPECT_EQ(refusal(folder / "lock"), "taken");
}

TEST(RunLock, of_the_same_slurm_job_before_its_restart_is_taken_over) {
    const TemporaryFolder folder;
    LockHolder before = stranger();
    before.slurm_job = "314";
    folder.write("lock", to_text(before));
    ::setenv("SLURM_JOB_ID", "314", 1);
    EXPECT_THAT(refusal(folder / "lock"), HasSubstr("Slurm job 314"));
    ::setenv("SLURM_RESTART_COUNT", "1", 1);
    EXPECT_EQ(refusal(folder / "lock"), "taken");
    ::unsetenv("SLURM_JOB_ID");
    ::unsetenv("SLURM_RESTART_COUNT");
}

TEST(RunLock, left_empty_by_a_crash_is_taken_over_once_it_is_old) {
    const TemporaryFolder folder;
    folder.write("lock", "");
    EXPECT_THAT(refusal(folder / "lock"), HasSubstr("unreadable lock file"));
    age(folder / "lock", 121);
    EXPECT_EQ(refusal(folder / "lock"), "taken");
}

TEST(RunLock, whose_takeover_was_cut_short_can_be_taken_over_later) {
    const TemporaryFolder folder;
    folder.write("lock", to_text(stranger()));
    age(folder / "lock", 500);
    folder.write("lock.takeover", "");
    EXPECT_THAT(refusal(folder / "lock"), HasSubstr("is just taking over"));
    age(folder / "lock.takeover", 500);
    // The first to find the leftover clears it away, the next takes the lock.
    EXPECT_THAT(refusal(folder / "lock"), HasSubstr("try again"));
    EXPECT_EQ(refusal(folder / "lock"), "taken");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(RunLock, beat_renews_it) {
    const TemporaryFolder folder;
    RunLock lock{folder / "lock", 0};  // every beat is due
    age(folder / "lock", 1000);
    struct stat before {};
    ASSERT_EQ(::stat((folder / "lock").c_str(), &before), 0);
    lock.beat();
    struct stat after {};
    ASSERT_EQ(::stat((folder / "lock").c_str(), &after), 0);
    EXPECT_GE(after.st_mtim.tv_sec, before.st_mtim.tv_sec + 999);
}

TEST(RunLock, beat_of_one_that_was_taken_over_says_so_and_leaves_the_other_alone) {
    const TemporaryFolder folder;
    {
        RunLock lock{folder / "lock", 0};
        folder.write("lock", to_text(stranger()));
        EXPECT_THROW(lock.beat(), RunFolderError);
    }
    EXPECT_EQ(read_text_file(folder / "lock"), to_text(stranger()));
}

TEST(RunLock, goes_to_one_of_many_who_try_at_once) {
    for (int round = 0; round < 20; ++round) {
        const TemporaryFolder folder;
        if (round % 2 == 1) {
            folder.write("lock", to_text(stranger()));
            age(folder / "lock", 1000);
        }
        int start[2];
        int done[2];
        ASSERT_EQ(::pipe(start), 0);
        ASSERT_EQ(::pipe(done), 0);
        std::vector<pid_t> children;
        for (int i = 0; i < 8; ++i) {
            const pid_t child = ::fork();
            if (child == 0) {
                ::close(start[1]);
                char byte = 0;
                (void)!::read(start[0], &byte, 1);  // until the parent closes its end
                std::optional<RunLock> lock;
                try {
                    lock.emplace(folder / "lock");
                } catch (const RunFolderError&) {
                }
                byte = lock ? 'y' : 'n';
                (void)!::write(done[1], &byte, 1);
                ::pause();
                ::_exit(0);
            }
            children.push_back(child);
        }
        ::close(start[0]);
        ::close(start[1]);
        int holders = 0;
        for (std::size_t i = 0; i < children.size(); ++i) {
            char byte = 0;
            ASSERT_EQ(::read(done[0], &byte, 1), 1);
            if (byte == 'y') ++holders;
        }
        for (const pid_t child : children) {
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, 0);
        }
        ::close(done[0]);
        ::close(done[1]);
        EXPECT_EQ(holders, 1) << "round " << round;
    }
}

}  // namespace
}  // namespace evoke::checkpoint
