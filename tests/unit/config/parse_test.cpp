#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "evoke/config/job.hpp"
#include "job_file.hpp"

namespace evoke::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> mistakes_of(const ParsedJob& parsed) {
    std::vector<std::string> texts;
    for (const auto& item : parsed.mistakes.items()) {
        texts.push_back(std::to_string(item.line) + " " + item.what + " | " + item.expected +
                        " | " + item.found + " | " + item.hint);
    }
    return texts;
}

TEST(ParseJob, reads_values_and_makes_paths_absolute) {
    const JobFolder folder;
    const auto parsed = parse_job(folder.write("job.toml", good_job));
    EXPECT_THAT(mistakes_of(parsed), IsEmpty());
    EXPECT_EQ(parsed.job.run.seed, 7);
    EXPECT_EQ(parsed.job.search.population, 4);
    EXPECT_EQ(parsed.job.model.path, (folder.path() / "model").string());
    EXPECT_EQ(parsed.job.run_folder(), folder.path() / "runs" / "small");
}

TEST(ParseJob, objectives_keep_the_order_of_the_file) {
    const JobFolder folder;
    const auto parsed = parse_job(folder.write("job.toml", good_job));
    ASSERT_EQ(parsed.job.objectives.size(), 2U);
    EXPECT_EQ(parsed.job.objectives[0].measure, "prompt_tokens");
    EXPECT_EQ(parsed.job.objectives[0].direction, population::Direction::minimise);
    EXPECT_EQ(parsed.job.objectives[1].measure, "accuracy");
}

TEST(ParseJob, reports_every_mistake_with_its_line) {
    const JobFolder folder;
    const auto file = folder.write("job.toml", R"([run]
name = 5
[model]
path = "nowhere"
dtype = "float23"
[task]
dev = "dev.jsonl"
[search]
populaton = 4
generations = -1
temperature = "hot"
[objectives]
accuracy = "up"
[serch]
)");
    const auto parsed = parse_job(file);
    EXPECT_THAT(
        mistakes_of(parsed),
        testing::UnorderedElementsAre(
            HasSubstr("2 run.name | a text in quotes | 5"),
            HasSubstr("4 model.path | a file or folder that exists | "),
            HasSubstr("5 model.dtype | one of auto, float32, bfloat16, float16 | \"float23\" | did "
                      "you mean \"float32\"?"),
            HasSubstr("9 search.populaton | a known key | 'populaton' | did you mean "
                      "'population'?"),
            HasSubstr("10 search.generations | an integer from 0 to 1000000 (generations) | -1"),
            HasSubstr("11 search.temperature | a number from 0 to 10 | "),
            HasSubstr("13 objectives.accuracy | \"max\" or \"min\" | "),
            HasSubstr("14 serch | a known key | 'serch' | did you mean 'search'?")));
}

TEST(ParseJob, names_a_missing_environment_variable) {
    const JobFolder folder;
    unsetenv("EVOKE_NO_SUCH_VARIABLE");
    auto text = good_job;
    text.replace(text.find("dev.jsonl"), 9, "${EVOKE_NO_SUCH_VARIABLE}/dev.jsonl");
    const auto parsed = parse_job(folder.write("job.toml", text));
    EXPECT_THAT(mistakes_of(parsed),
                ElementsAre(HasSubstr("7 task.dev | the environment variable "
                                      "EVOKE_NO_SUCH_VARIABLE | it is not set")));
}

TEST(ParseJob, replaces_an_environment_variable) {
    const JobFolder folder;
    setenv("EVOKE_TEST_FOLDER", folder.path().c_str(), 1);
    auto text = good_job;
    text.replace(text.find("dev.jsonl"), 9, "${EVOKE_TEST_FOLDER}/dev.jsonl");
    const auto parsed = parse_job(folder.write("job.toml", text));
    EXPECT_THAT(mistakes_of(parsed), IsEmpty());
    EXPECT_EQ(parsed.job.task.dev, (folder.path() / "dev.jsonl").string());
}

TEST(ParseJob, override_replaces_and_its_mistakes_name_it) {
    const JobFolder folder;
    const auto file = folder.write("job.toml", good_job);
    const std::vector<std::string> overrides{"search.population=20", "run.name=other",
                                             "search.generations=many", "nonsense"};
    const auto parsed = parse_job(file, overrides);
    EXPECT_EQ(parsed.job.search.population, 20);
    EXPECT_EQ(parsed.job.run.name, "other");
    ASSERT_EQ(parsed.mistakes.items().size(), 2U);
    EXPECT_EQ(parsed.mistakes.items()[0].file, "--set nonsense");
    EXPECT_EQ(parsed.mistakes.items()[1].file, "--set search.generations=many");
}

TEST(ParseJob, syntax_error_names_the_line) {
    const JobFolder folder;
    const auto file = folder.write("job.toml", "[run]\nname = \"x\n");
    try {
        (void)parse_job(file);
        FAIL() << "no exception";
    } catch (const InputError& error) {
        EXPECT_EQ(error.diagnostics().items().at(0).line, 2U);
    }
}

TEST(ParseJob, missing_file_is_an_input_error) {
    EXPECT_THROW((void)parse_job("/nowhere/job.toml"), InputError);
}

TEST(ParseJob, target_task_minimises_the_weighted_loss_by_default) {
    const JobFolder folder;
    const auto file = folder.write(
        "job.toml",
        "[run]\nname='t'\n[model]\npath='model'\n[task]\nanswer='target'\ntarget='x'\n");
    const auto parsed = parse_job(file);
    ASSERT_EQ(parsed.job.objectives.size(), 1U);
    EXPECT_EQ(parsed.job.objectives[0].measure, "weighted_loss");
}

}  // namespace
}  // namespace evoke::config
