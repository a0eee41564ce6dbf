#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evoke/checkpoint/journal.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/error.hpp"
#include "support/sample_generation.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using test::TemporaryFolder;
using testing::HasSubstr;

GenerationRecord generation(std::uint32_t number, const std::string& previous) {
    GenerationRecord record = test::sample_generation(number, previous);
    record.test = {};
    return record;
}

struct SampleRun {
    explicit SampleRun(std::uint32_t generations) {
        std::filesystem::create_directories(layout.generations());
        std::string digest;
        for (std::uint32_t i = 0; i < generations; ++i)
            digest = write_generation(layout.generation(i), generation(i, digest));
    }
    TemporaryFolder folder;
    RunLayout layout{.folder = folder.path()};
};

std::vector<std::string> problems(const VerifyReport& report) {
    std::vector<std::string> found;
    for (const auto& file : report.files)
        if (!file.problem.empty())
            found.push_back(file.path.filename().string() + ": " + file.problem);
    return found;
}

TEST(VerifyRun, of_a_sound_run_names_every_file_and_a_digest) {
    const SampleRun run{3};
    run.folder.write("journal-000003", "evoke journal 1\n");
    const VerifyReport report = verify_run(run.layout);
    EXPECT_TRUE(report.sound());
    EXPECT_EQ(report.files.size(), 4U);
    EXPECT_EQ(report.newest, 2U);
    EXPECT_EQ(report.digest.size(), 64U);
}

TEST(VerifyRun, the_digest_does_not_depend_on_which_files_were_kept) {
    const SampleRun run{4};
    const std::string digest = verify_run(run.layout).digest;
    prune(run.layout, 3, 2);
    EXPECT_EQ(verify_run(run.layout).digest, digest);
    EXPECT_TRUE(verify_run(run.layout).sound());
}

TEST(VerifyRun, the_digest_grows_with_the_chain_and_with_test_outcomes) {
    const SampleRun run{2};
    const std::string before = verify_run(run.layout).digest;
    GenerationRecord newest = read_generation(run.layout.generation(1));
    const std::string chain = newest.digest;
    newest.test.set(newest.state.archive[0].id, ExampleId{500}, {.values = {1, 0}, .seconds = 2});
    EXPECT_EQ(write_generation(run.layout.generation(1), newest), chain);
    const std::string after = verify_run(run.layout).digest;
    EXPECT_NE(after, before);
    // But not with the time they took.
    newest.test = {};
    newest.test.set(newest.state.archive[0].id, ExampleId{500}, {.values = {1, 0}, .seconds = 9});
    write_generation(run.layout.generation(1), newest);
    EXPECT_EQ(verify_run(run.layout).digest, after);
    write_generation(run.layout.generation(2), generation(2, chain));
    EXPECT_NE(verify_run(run.layout).digest, after);
    EXPECT_NE(verify_run(run.layout).digest, before);
}

TEST(VerifyRun, names_damaged_files_and_leaves_them_alone) {
    const SampleRun run{3};
    std::filesystem::resize_file(run.layout.generation(1), 1000);
    run.folder.write("journal-000003", "no journal, far from it");
    const VerifyReport report = verify_run(run.layout);
    EXPECT_FALSE(report.sound());
    ASSERT_EQ(problems(report).size(), 2U);
    EXPECT_THAT(problems(report)[0], HasSubstr("gen-000001.h5: truncated: 1000 of "));
    EXPECT_THAT(problems(report)[1], HasSubstr("journal-000003: not a journal of Evoke"));
    EXPECT_EQ(report.newest, 2U);
    EXPECT_TRUE(std::filesystem::exists(run.layout.generation(1)));
}

TEST(VerifyRun, a_torn_tail_of_a_journal_is_no_damage) {
    const SampleRun run{1};
    run.folder.write("journal-000001", "evoke journal 1\ntorn");
    EXPECT_TRUE(verify_run(run.layout).sound());
}

TEST(VerifyRun, finds_a_generation_of_another_history) {
    const SampleRun run{2};
    write_generation(run.layout.generation(2), generation(2, std::string(64, '9')));
    EXPECT_THAT(problems(verify_run(run.layout)),
                testing::ElementsAre("gen-000002.h5: does not follow generation 1: it names "
                                     "another digest"));
    const SampleRun other{0};
    write_generation(other.layout.generation(0), generation(0, std::string(64, '9')));
    EXPECT_THAT(problems(verify_run(other.layout)).at(0), HasSubstr("is the first generation"));
}

TEST(VerifyRun, of_a_run_that_has_not_finished_a_generation_has_no_digest) {
    const SampleRun run{0};
    const VerifyReport report = verify_run(run.layout);
    EXPECT_TRUE(report.sound());
    EXPECT_EQ(report.digest, "");
}

TEST(VerifyRun, refuses_what_is_no_run) {
    const TemporaryFolder folder;
    EXPECT_THROW((void)verify_run({.folder = folder.path()}), RunFolderError);
    EXPECT_THROW((void)verify_run({.folder = folder / "none"}), RunFolderError);
}

}  // namespace
}  // namespace evoke::checkpoint
