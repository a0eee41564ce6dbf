#include "evoke/core/file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "evoke/core/error.hpp"
#include "support/temporary_folder.hpp"

namespace evoke {
namespace {

TEST(ReadTextFile, gives_every_byte) {
    const test::TemporaryFolder folder;
    const std::string large(200000, 'x');
    EXPECT_EQ(read_text_file(folder.write("large", large)), large);
    const std::string_view binary{"a\0\r\n\xff", 5};
    EXPECT_EQ(read_text_file(folder.write("binary", binary)), binary);
    EXPECT_EQ(read_text_file(folder.write("empty", "")), "");
}

TEST(ReadTextFile, refuses_what_is_missing_or_a_folder_by_name) {
    const test::TemporaryFolder folder;
    try {
        (void)read_text_file(folder / "missing.txt");
        FAIL() << "nothing was thrown";
    } catch (const LoadError& error) {
        EXPECT_EQ(std::string{error.what()},
                  (folder / "missing.txt").string() + ": No such file or directory");
    }
    EXPECT_THROW((void)read_text_file(folder.path()), LoadError);
}

TEST(WriteFileAtomically, replaces_the_whole_file_and_leaves_no_temporary) {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "note", "first, and longer");
    write_file_atomically(folder / "note", "second");
    EXPECT_EQ(read_text_file(folder / "note"), "second");
    EXPECT_FALSE(std::filesystem::exists(folder / "note.tmp"));
}

TEST(WriteFileAtomically, passes_the_steps_in_order) {
    const test::TemporaryFolder folder;
    std::vector<WriteStep> steps;
    write_file_atomically(folder / "note", "x", [&](WriteStep step) { steps.push_back(step); });
    EXPECT_EQ(steps, (std::vector{WriteStep::written, WriteStep::synced, WriteStep::renamed,
                                  WriteStep::folder_synced}));
}

TEST(WriteFileAtomically, a_process_that_dies_at_any_step_leaves_the_old_file_or_the_new) {
    const std::vector<std::pair<WriteStep, std::string>> cases{{WriteStep::written, "old"},
                                                               {WriteStep::synced, "old"},
                                                               {WriteStep::renamed, "new"},
                                                               {WriteStep::folder_synced, "new"}};
    for (const auto& [last_step, expected] : cases) {
        const test::TemporaryFolder folder;
        write_file_atomically(folder / "note", "old");
        const auto die = [&, last = last_step](WriteStep step) {
            if (step == last) ::raise(SIGKILL);
        };
        EXPECT_EXIT(write_file_atomically(folder / "note", "new", die),
                    testing::KilledBySignal(SIGKILL), "");
        EXPECT_EQ(read_text_file(folder / "note"), expected);
    }
}

TEST(WriteFileAtomically, without_room_keeps_the_old_file_and_says_why) {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "note", "old");
    // A limit on the size of files stands in for a full disk: write stops half way, then fails.
    const auto write_without_room = [&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{.rlim_cur = 1000, .rlim_max = 1000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            write_file_atomically(folder / "note", std::string(5000, 'n'));
        } catch (const EnvironmentError& error) {
            ::write(2, error.what(), std::string_view{error.what()}.size());
            ::_exit(5);
        }
        ::_exit(0);
    };
    EXPECT_EXIT(write_without_room(), testing::ExitedWithCode(5),
                "cannot write .*note.tmp: File too large");
    EXPECT_EQ(read_text_file(folder / "note"), "old");
    EXPECT_FALSE(std::filesystem::exists(folder / "note.tmp"));
}

TEST(CommitFile, refuses_a_missing_temporary_and_a_missing_folder) {
    const test::TemporaryFolder folder;
    EXPECT_THROW(commit_file(folder / "a.tmp", folder / "a"), EnvironmentError);
    const auto temporary = folder.write("a.tmp", "content");
    EXPECT_THROW(commit_file(temporary, folder / "no/such/folder/a"), EnvironmentError);
    EXPECT_EQ(read_text_file(temporary), "content");
    EXPECT_THROW(write_file_atomically(folder / "no/such/a", "x"), EnvironmentError);
}

TEST(SyncPath, takes_files_and_folders) {
    const test::TemporaryFolder folder;
    EXPECT_NO_THROW(sync_path(folder.path()));
    EXPECT_NO_THROW(sync_path(folder.write("a", "x")));
    EXPECT_THROW(sync_path(folder / "missing"), EnvironmentError);
}

TEST(MappedFile, shows_the_files_bytes_and_can_be_moved) {
    const test::TemporaryFolder folder;
    MappedFile first{folder.write("a", "content")};
    const MappedFile second{std::move(first)};
    EXPECT_EQ(as_text(second.bytes()), "content");
}

TEST(MappedFile, an_empty_file_has_no_bytes) {
    const test::TemporaryFolder folder;
    EXPECT_TRUE(MappedFile{folder.write("empty", "")}.bytes().empty());
}

TEST(MappedFile, refuses_what_is_missing_or_no_file) {
    const test::TemporaryFolder folder;
    EXPECT_THROW(MappedFile{folder / "missing"}, LoadError);
    EXPECT_THROW(MappedFile{folder.path()}, LoadError);
}

}  // namespace
}  // namespace evoke
