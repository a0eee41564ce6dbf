#include "evoke/checkpoint/run_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "evoke/core/error.hpp"
#include "support/sample_generation.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::checkpoint {
namespace {

using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A run of so many generations, with its journals.
class SampleRun {
public:
    explicit SampleRun(std::uint32_t generations) {
        std::filesystem::create_directories(layout.generations());
        std::string digest;
        for (std::uint32_t i = 0; i < generations; ++i)
            digest = write_generation(layout.generation(i), test::sample_generation(i, digest));
    }
    /// Changes one byte in the middle of a file.
    static void damage(const std::filesystem::path& path) {
        std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
        file.seekg(5000);
        const int byte = file.get();
        file.seekp(5000);
        file.put(static_cast<char>(byte ^ 1));
    }

    TemporaryFolder folder;
    RunLayout layout{.folder = folder.path()};
};

TEST(RunLayout, names_are_those_of_the_document) {
    const RunLayout layout{.folder = "runs/x"};
    EXPECT_EQ(layout.job(), "runs/x/job.toml");
    EXPECT_EQ(layout.generation(12), "runs/x/generations/gen-000012.h5");
    EXPECT_EQ(layout.generation(1234567), "runs/x/generations/gen-1234567.h5");
    EXPECT_EQ(layout.journal(13), "runs/x/journal-000013");
    EXPECT_EQ(layout.events(), "runs/x/events.jsonl");
    EXPECT_EQ(layout.summary(), "runs/x/summary.json");
    EXPECT_EQ(layout.lock(), "runs/x/lock");
}

TEST(RunLayout, finds_generations_by_number_and_nothing_else) {
    const TemporaryFolder folder;
    const RunLayout layout{.folder = folder.path()};
    EXPECT_THAT(layout.generation_numbers(), IsEmpty());
    for (const char* name :
         {"gen-000010.h5", "gen-000009.h5", "gen-1000000.h5", "gen-000011.h5.tmp",
          "gen-000012.h5.damaged", "gen-12.h5", "gen-0000xx.h5", "gen--00001.h5", "notes.txt"})
        folder.write(std::string{"generations/"} + name, "");
    EXPECT_THAT(layout.generation_numbers(), ElementsAre(9, 10, 1000000));
}

TEST(NewestGeneration, of_a_new_run_is_none) {
    const SampleRun run{0};
    const Newest newest = newest_generation(run.layout);
    EXPECT_FALSE(newest.record);
    EXPECT_THAT(newest.warnings, IsEmpty());
}

TEST(NewestGeneration, is_the_last_one_written) {
    const SampleRun run{3};
    const Newest newest = newest_generation(run.layout);
    ASSERT_TRUE(newest.record);
    EXPECT_EQ(newest.record->state.generation, 2U);
    EXPECT_THAT(newest.warnings, IsEmpty());
}

TEST(NewestGeneration, steps_back_over_damaged_files_and_sets_them_aside) {
    const SampleRun run{4};
    SampleRun::damage(run.layout.generation(3));
    std::filesystem::resize_file(run.layout.generation(2), 100);
    const Newest newest = newest_generation(run.layout);
    ASSERT_TRUE(newest.record);
    EXPECT_EQ(newest.record->state.generation, 1U);
    ASSERT_EQ(newest.warnings.size(), 2U);
    EXPECT_THAT(newest.warnings[0],
                HasSubstr("gen-000003.h5: damaged: the checksum of its content differs; set aside "
                          "as gen-000003.h5.damaged"));
    EXPECT_THAT(newest.warnings[1], HasSubstr("gen-000002.h5: truncated: 100 bytes"));
    EXPECT_THAT(run.layout.generation_numbers(), ElementsAre(0, 1));

    // A second one of the same number does not replace the first.
    std::filesystem::copy_file(run.layout.generation(0), run.layout.generation(3));
    EXPECT_THAT(newest_generation(run.layout).warnings.at(0),
                HasSubstr("set aside as gen-000003.h5.damaged-2"));
}

TEST(NewestGeneration, a_file_under_another_number_does_not_count) {
    const SampleRun run{2};
    std::filesystem::rename(run.layout.generation(1), run.layout.generation(7));
    const Newest newest = newest_generation(run.layout);
    EXPECT_EQ(newest.record->state.generation, 0U);
    EXPECT_THAT(newest.warnings.at(0), HasSubstr("holds generation 1: it was renamed or copied"));
}

TEST(NewestGeneration, when_none_verifies_nothing_is_renamed_and_the_run_refuses) {
    const SampleRun run{2};
    SampleRun::damage(run.layout.generation(0));
    SampleRun::damage(run.layout.generation(1));
    try {
        (void)newest_generation(run.layout);
        FAIL() << "was accepted";
    } catch (const RunFolderError& error) {
        EXPECT_THAT(error.what(), HasSubstr("no generation file verifies"));
        EXPECT_THAT(error.what(), HasSubstr("gen-000000.h5"));
        EXPECT_THAT(error.what(), HasSubstr("gen-000001.h5"));
        EXPECT_EQ(error.code(), ExitCode::run_folder);
    }
    EXPECT_THAT(run.layout.generation_numbers(), ElementsAre(0, 1));
}

TEST(Prune, keeps_the_newest_files_and_two_journals) {
    const SampleRun run{5};
    for (std::uint32_t i = 0; i < 6; ++i)
        run.folder.write(run.layout.journal(i).filename().string(), "");
    prune(run.layout, 4, 0);
    EXPECT_THAT(run.layout.generation_numbers(), ElementsAre(0, 1, 2, 3, 4));
    EXPECT_FALSE(std::filesystem::exists(run.layout.journal(3)));
    EXPECT_TRUE(std::filesystem::exists(run.layout.journal(4)));
    EXPECT_TRUE(std::filesystem::exists(run.layout.journal(5)));
    prune(run.layout, 4, 2);
    EXPECT_THAT(run.layout.generation_numbers(), ElementsAre(3, 4));
    prune(run.layout, 4, 9);
    EXPECT_THAT(run.layout.generation_numbers(), ElementsAre(3, 4));
}

}  // namespace
}  // namespace evoke::checkpoint
