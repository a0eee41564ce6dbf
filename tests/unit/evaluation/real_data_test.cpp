#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "evaluation/answer_reader.hpp"
#include "evoke/evaluation/task.hpp"
#include "support/skip.hpp"

namespace evoke::evaluation {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

/// Empty: EVOKE_DATA is not set.
fs::path tasks_folder() {
    const char* data = std::getenv("EVOKE_DATA");
    return data == nullptr ? fs::path{} : fs::path{data} / "tasks";
}

TaskOptions text_and_number(std::string folder, std::vector<std::string> labels) {
    TaskOptions options;
    options.dev = "EvoPrompt/cls/" + folder + "/dev.txt";
    options.labels = std::move(labels);
    return options;
}

TEST(RealData, sst2_is_divided_into_dev_and_the_rest_of_its_500_lines) {
    const fs::path base = tasks_folder();
    if (base.empty()) {
        EVOKE_SKIP("EVOKE_DATA is not set");
    }
    TaskOptions options = text_and_number("sst2/seed5", {"negative", "positive"});
    options.test = "EvoPrompt/cls/sst2/seed5/dev_500.txt";
    const Task task = Task::load(options, base, 7);
    EXPECT_THAT(task.dev(), SizeIs(200));
    EXPECT_THAT(task.test(), SizeIs(300));
    std::set<std::string> inputs;
    for (const ExampleId id : task.dev()) inputs.insert(task.example(id).input);
    for (const ExampleId id : task.test()) EXPECT_FALSE(inputs.contains(task.example(id).input));
    EXPECT_EQ(task.example(ExampleId{2}).input,
              "you do n't have to know about music to appreciate the film 's easygoing blend of "
              "comedy and romance .");
    EXPECT_EQ(task.example(ExampleId{2}).output, "positive");
}

TEST(RealData, agnews_has_a_test_file_of_its_own) {
    const fs::path base = tasks_folder();
    if (base.empty()) {
        EVOKE_SKIP("EVOKE_DATA is not set");
    }
    TaskOptions options = text_and_number("agnews/seed5", {"World", "Sports", "Business", "Tech"});
    options.test = "EvoPrompt/cls/agnews/seed5/test.txt";
    const Task task = Task::load(options, base, 7);
    EXPECT_THAT(task.dev(), SizeIs(200));
    EXPECT_THAT(task.test(), SizeIs(500));
    EXPECT_EQ(task.example(ExampleId{1}).output, "Sports");
}

// Lines of "#### n" are the data's own marks; answers with thousands have commas.
TEST(RealData, gsm8k_answers_are_read_from_their_marks) {
    const fs::path base = tasks_folder();
    if (base.empty()) {
        EVOKE_SKIP("EVOKE_DATA is not set");
    }
    TaskOptions options;
    options.dev = "gsm8k/train-500.jsonl";
    options.test = "gsm8k/test.jsonl";
    options.answer = "generated";
    options.input = "question";
    options.output = "answer";
    options.extract = "#### (-?[0-9.,]+)";
    const Task task = Task::load(options, base, 7);
    EXPECT_THAT(task.dev(), SizeIs(500));
    EXPECT_THAT(task.test(), SizeIs(1319));
    const AnswerReader reader{options};
    for (const ExampleId id : task.test()) {
        const Example& example = task.example(id);
        const auto answer = reader.read(example.output);
        ASSERT_TRUE(answer.has_value()) << example.output;
        EXPECT_TRUE(reader.right(*answer + ".0", example) || answer->find('.') != std::string::npos)
            << *answer;
        EXPECT_FALSE(reader.right(*answer + "1", example)) << *answer;
    }
    const ExampleId janet{500};
    EXPECT_TRUE(reader.right("18", task.example(janet)));
}

}  // namespace
}  // namespace evoke::evaluation
