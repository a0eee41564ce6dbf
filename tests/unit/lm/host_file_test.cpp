#include "lm/host_file.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::lm {
namespace {

using testing::HasSubstr;

ByteView bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text});
}

class HostFiles : public testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<HostFile> open(const std::string& name = "weights") {
        return std::make_unique<HostFile>(folder_, name, [&](const HostFile::Append& append) {
            ++written_;
            append(bytes_of("one "));
            append(bytes_of("two"));
        });
    }

    void leave(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories(folder_);
        std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
        std::ofstream{folder_ / name} << content;
    }

    test::TemporaryFolder base_;
    std::filesystem::path folder_ = base_.path() / "host";
    int written_ = 0;
};

TEST_F(HostFiles, are_written_once_and_removed_by_the_last_user) {
    auto first = open();
    auto second = open();
    EXPECT_EQ(written_, 1);
    EXPECT_EQ(as_text(first->bytes()), "one two");
    EXPECT_EQ(as_text(second->bytes()), "one two");
    const auto path = first->path();
    first.reset();
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(as_text(second->bytes()), "one two");
    second.reset();
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(HostFiles, half_written_by_a_process_that_died_are_written_anew) {
    const pid_t child = ::fork();
    if (child == 0) {
        const HostFile never{folder_, "weights", [](const HostFile::Append& append) {
                                 append(bytes_of("one tw"));
                                 ::_exit(7);
                             }};
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 7);
    ASSERT_TRUE(std::filesystem::exists(folder_ / "weights.tmp"));
    EXPECT_EQ(as_text(open()->bytes()), "one two");
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(HostFiles, finished_by_a_process_that_was_killed_are_used_and_then_removed) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto file = open();
        ::_exit(file->bytes().size() == 7 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    EXPECT_EQ(as_text(open()->bytes()), "one two");
    EXPECT_EQ(written_, 0);
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(HostFiles, of_other_names_go_unless_somebody_uses_them) {
    leave("old", "nobody's");
    leave("older.tmp", "nobody's");
    const auto used = open("used");
    const auto mine = open("mine");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "old"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "older.tmp"));
    EXPECT_TRUE(std::filesystem::exists(used->path()));
}

TEST_F(HostFiles, leave_nothing_when_the_disk_is_full) {
    std::filesystem::create_directories(folder_);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    // A limit on the size of files fails a write as a full disk does.
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 5, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    std::string message;
    try {
        (void)open();
    } catch (const EnvironmentError& error) {
        message = error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    EXPECT_THAT(message, HasSubstr("cannot write"));
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
    EXPECT_EQ(as_text(open()->bytes()), "one two");
}

TEST_F(HostFiles, are_refused_in_a_folder_that_others_can_write_to) {
    std::filesystem::create_directories(folder_);
    std::filesystem::permissions(folder_, std::filesystem::perms::all);
    EXPECT_THROW(open(), EnvironmentError);
}

}  // namespace
}  // namespace evoke::lm
