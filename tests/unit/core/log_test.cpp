#include "evoke/core/log.hpp"

#include <gmock/gmock.h>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "support/temporary_folder.hpp"

namespace evoke {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::string standard_error_of(const log::LogOptions& options, const std::function<void()>& action) {
    testing::internal::CaptureStderr();
    log::start(options);
    action();
    spdlog::default_logger()->flush();
    log::start({.level = "info"});
    return testing::internal::GetCapturedStderr();
}

TEST(Log, lines_carry_time_prefix_and_level) {
    const auto text = standard_error_of({.prefix = "rank 3"}, [] { log::warn("lost {}", 2); });
    EXPECT_THAT(text, MatchesRegex("[0-9][0-9]:[0-9][0-9]:[0-9][0-9] rank 3 warning: lost 2\n"));
}

TEST(Log, a_single_process_has_no_prefix) {
    const auto text = standard_error_of({}, [] { log::info("ready"); });
    EXPECT_THAT(text, MatchesRegex("[0-9:]+ info: ready\n"));
}

TEST(Log, a_percent_sign_in_the_prefix_stays_one) {
    const auto text = standard_error_of({.prefix = "50%v"}, [] { log::info("ready"); });
    EXPECT_THAT(text, HasSubstr(" 50%v info: ready\n"));
}

TEST(Log, lines_below_the_level_are_left_out) {
    const auto text = standard_error_of({.level = "warn"}, [] {
        log::info("small");
        log::error("large");
    });
    EXPECT_THAT(text, HasSubstr("large"));
    EXPECT_THAT(text, testing::Not(HasSubstr("small")));
    EXPECT_EQ(standard_error_of({.level = "off"}, [] { log::error("large"); }), "");
}

TEST(Log, the_file_gets_the_lines_too_and_keeps_older_ones) {
    const test::TemporaryFolder folder;
    const auto file = folder.write("evoke.log", "before\n");
    standard_error_of({.prefix = "rank 0", .file = file}, [] { log::info("ready"); });
    EXPECT_THAT(read_text_file(file), MatchesRegex("before\n[0-9:]+ rank 0 info: ready\n"));
}

TEST(Log, refuses_an_unknown_level_and_an_impossible_file) {
    EXPECT_THROW(log::start({.level = "loud"}), InputError);
    const test::TemporaryFolder folder;
    const auto blocker = folder.write("a", "a file, not a folder");
    EXPECT_THROW(log::start({.file = blocker / "evoke.log"}), EnvironmentError);
}

}  // namespace
}  // namespace evoke
