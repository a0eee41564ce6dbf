// What the machine can do to a run: a full disk, a limit on files, a folder without permission.

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>

#include "evoke/checkpoint/journal.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/error.hpp"
#include "support/manual_clock.hpp"
#include "support/sample_generation.hpp"
#include "support/skip.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using namespace std::chrono_literals;
using test::ManualClock;
using test::TemporaryFolder;
using testing::HasSubstr;

/// A file system of its own in memory, with so little space. Needs the right to mount.
class SmallDisk {
public:
    explicit SmallDisk(const std::string& size) {
        mounted_ =
            ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
        if (!mounted_) reason_ = std::strerror(errno);
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    [[nodiscard]] bool mounted() const { return mounted_; }
    [[nodiscard]] std::string reason() const {
        return "a small tmpfs cannot be mounted here: " + reason_;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

private:
    TemporaryFolder folder_;
    bool mounted_ = false;
    std::string reason_;
};

/// Runs `body` in a process of its own. Returns what it throws as text, or "nothing".
std::string in_child(const std::function<void()>& body) {
    int out[2];
    if (::pipe(out) != 0) return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        std::string said = "nothing";
        try {
            body();
        } catch (const RunFolderError& error) {
            said = std::string{"RunFolderError: "} + error.what();
        } catch (const EnvironmentError& error) {
            said = std::string{"EnvironmentError: "} + error.what();
        } catch (const std::exception& error) {
            said = std::string{"other: "} + error.what();
        }
        (void)!::write(out[1], said.data(), said.size());
        ::_exit(0);
    }
    ::close(out[1]);
    std::string said;
    char buffer[1024];
    for (ssize_t count = 0; (count = ::read(out[0], buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(count));
    ::close(out[0]);
    ::waitpid(child, nullptr, 0);
    return said;
}

JournalEntry entry(std::uint64_t key) {
    return JournalReply{.key = {.high = key, .low = 0}, .reply = {.text = std::string(5000, 'x')}};
}

/// Writes generations until one fails; returns how many were written, and the failure.
struct Filled {
    std::uint32_t written = 0;
    std::string failure;
};
Filled fill(const RunLayout& layout) {
    Filled filled;
    std::string digest;
    try {
        for (; filled.written < 1000; ++filled.written)
            digest = write_generation(layout.generation(filled.written),
                                      test::sample_generation(filled.written, digest));
    } catch (const EnvironmentError& error) {
        filled.failure = error.what();
        EXPECT_EQ(error.code(), ExitCode::environment);
    }
    return filled;
}

TEST(FullDisk, a_generation_fails_with_the_reason_and_those_before_stay_whole) {
    const SmallDisk disk{"1m"};
    if (!disk.mounted()) {
        EVOKE_SKIP(disk.reason());
    }
    const RunLayout layout{.folder = disk.path()};
    std::filesystem::create_directories(layout.generations());
    const Filled filled = fill(layout);
    EXPECT_GT(filled.written, 0U);
    EXPECT_THAT(filled.failure, HasSubstr("No space left on device"));
    EXPECT_THAT(filled.failure, HasSubstr(layout.generation(filled.written).string()));
    EXPECT_EQ(layout.generation_numbers().size(), filled.written);
    for (const auto& file : std::filesystem::directory_iterator{layout.generations()})
        EXPECT_EQ(file.path().extension(), ".h5");
    EXPECT_TRUE(verify_run(layout).sound());
    const auto newest = newest_generation(layout).record;
    ASSERT_TRUE(newest);
    EXPECT_EQ(newest->state.generation, filled.written - 1);

    // With space again the run goes on.
    std::filesystem::remove(layout.generation(0));
    write_generation(layout.generation(filled.written),
                     test::sample_generation(filled.written, newest->digest));
    EXPECT_TRUE(verify_run(layout).sound());
}

TEST(FullDisk, a_journal_ends_with_its_last_whole_entry_and_goes_on_when_there_is_space) {
    const SmallDisk disk{"64k"};
    if (!disk.mounted()) {
        EVOKE_SKIP(disk.reason());
    }
    std::ofstream{disk.path() / "ballast"} << std::string(20000, 'b');
    const ManualClock clock;
    Journal journal{disk.path() / "journal-000001", clock, 1s};
    std::uint64_t written = 0;
    std::string failure;
    try {
        for (; written < 1000; ++written) journal.append(entry(written));
    } catch (const EnvironmentError& error) {
        failure = error.what();
    }
    EXPECT_GT(written, 0U);
    EXPECT_THAT(failure, HasSubstr("No space left on device"));
    EXPECT_EQ(read_journal(disk.path() / "journal-000001").entries.size(), written);
    EXPECT_EQ(read_journal(disk.path() / "journal-000001").torn_bytes, 0U);

    std::filesystem::remove(disk.path() / "ballast");
    journal.append(entry(written));
    EXPECT_EQ(read_journal(disk.path() / "journal-000001").entries.size(), written + 1);
}

TEST(FullDisk, a_lock_cannot_be_made_and_leaves_nothing) {
    const SmallDisk disk{"16k"};
    if (!disk.mounted()) {
        EVOKE_SKIP(disk.reason());
    }
    std::ofstream{disk.path() / "ballast"} << std::string(100000, 'b');
    EXPECT_THROW(RunLock{disk.path() / "lock"}, EnvironmentError);
    EXPECT_FALSE(std::filesystem::exists(disk.path() / "lock"));
}

/// Needs no rights: what a quota or a limit on file sizes does in the middle of a file.
TEST(FileLimit, a_generation_cut_short_is_removed_and_the_old_one_stays) {
    const TemporaryFolder folder;
    const auto path = folder / "g.h5";
    write_generation(path, test::sample_generation(1, ""));
    const std::string said = in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{.rlim_cur = 20000, .rlim_max = 20000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        write_generation(path, test::sample_generation(2, ""));
    });
    EXPECT_THAT(said, HasSubstr("EnvironmentError: cannot write " + path.string() +
                                ".tmp: File too large"));
    EXPECT_EQ(read_generation(path).state.generation, 1U);
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".tmp"));
}

/// A folder that this process may read but not write, whoever runs the test.
class ReadOnlyFolder : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(layout.generations());
        write_generation(layout.generation(0), test::sample_generation(0, ""));
        ::chmod(layout.generations().c_str(), 0555);
        ::chmod(folder.path().c_str(), 0555);
    }
    void TearDown() override {
        ::chmod(folder.path().c_str(), 0755);
        ::chmod(layout.generations().c_str(), 0755);
    }
    /// As somebody whom permissions bind: not as root.
    std::string as_nobody(const std::function<void()>& body) {
        return in_child([&] {
            constexpr unsigned nobody = 65534;
            if (::getuid() == 0 &&
                (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0))
                throw std::runtime_error{"cannot become another user"};
            body();
        });
    }
    TemporaryFolder folder;
    RunLayout layout{.folder = folder.path()};
};

TEST_F(ReadOnlyFolder, the_lock_says_that_the_run_folder_refuses) {
    EXPECT_EQ(
        as_nobody([&] { const RunLock lock{layout.lock()}; }),
        "RunFolderError: " + folder.path().string() + ": cannot be written: Permission denied");
}

TEST_F(ReadOnlyFolder, generations_and_journals_say_what_cannot_be_written) {
    EXPECT_THAT(
        as_nobody([&] { write_generation(layout.generation(1), test::sample_generation(1, "")); }),
        HasSubstr("EnvironmentError: cannot write " + layout.generation(1).string() +
                  ".tmp: Permission denied"));
    EXPECT_THAT(as_nobody([&] {
                    const ManualClock clock;
                    const Journal journal{layout.journal(1), clock, 1s};
                }),
                HasSubstr("EnvironmentError: cannot open " + layout.journal(1).string() +
                          ": Permission denied"));
}

TEST_F(ReadOnlyFolder, reading_needs_no_permission_to_write) {
    EXPECT_EQ(as_nobody([&] {
                  if (!verify_run(layout).sound()) throw std::runtime_error{"not sound"};
                  if (!newest_generation(layout).record) throw std::runtime_error{"no record"};
              }),
              "nothing");
}

TEST_F(ReadOnlyFolder, a_file_without_permission_to_read_is_not_taken_for_damaged) {
    ::chmod(layout.generation(0).c_str(), 0);
    EXPECT_THAT(as_nobody([&] { (void)newest_generation(layout); }), HasSubstr("RunFolderError: "));
    EXPECT_TRUE(std::filesystem::exists(layout.generation(0)));
}

}  // namespace
}  // namespace evoke::checkpoint
