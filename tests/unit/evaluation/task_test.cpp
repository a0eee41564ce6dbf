#include "evoke/evaluation/task.hpp"

#include <gmock/gmock.h>

#include "support/temporary_folder.hpp"

namespace evoke::evaluation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TaskOptions sentiment(const std::string& dev = "dev.txt") {
    TaskOptions options;
    options.dev = dev;
    options.labels = {"negative", "positive"};
    return options;
}

std::string refusal(const TaskOptions& options, const std::filesystem::path& base) {
    try {
        static_cast<void>(Task::load(options, base, 1));
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Task, maps_labels_by_name_and_by_number) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "bad film\t0\ngood film\tpositive\nfine\t 1 \n");
    const Task task = Task::load(sentiment(), folder.path(), 1);
    ASSERT_THAT(task.dev(), SizeIs(3));
    EXPECT_EQ(task.example(ExampleId{0}).input, "bad film");
    EXPECT_EQ(task.example(ExampleId{0}).output, "negative");
    EXPECT_EQ(task.example(ExampleId{0}).label, 0);
    EXPECT_EQ(task.example(ExampleId{1}).label, 1);
    EXPECT_EQ(task.example(ExampleId{2}).output, "positive");
}

TEST(Task, prefers_a_labels_name_to_its_number) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "a\t1\nb\t2\n");
    TaskOptions options = sentiment();
    options.labels = {"1", "2"};
    const Task task = Task::load(options, folder.path(), 1);
    EXPECT_EQ(task.example(ExampleId{0}).label, 0);
    EXPECT_EQ(task.example(ExampleId{1}).label, 1);
}

TEST(Task, names_every_answer_that_is_no_label) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "a\t1\nb\t2\nc\tpositiv\nd\t-1\ne\t\n");
    const std::string text = refusal(sentiment(), folder.path());
    EXPECT_THAT(text,
                HasSubstr("dev.txt:2: output: expected one of \"negative\", \"positive\" or a "
                          "number from 0 to 1, found \"2\""));
    EXPECT_THAT(text, HasSubstr("dev.txt:3:"));
    EXPECT_THAT(text, HasSubstr("found \"positiv\" (did you mean \"positive\"?)"));
    EXPECT_THAT(text, HasSubstr("dev.txt:4:"));
    EXPECT_THAT(text, HasSubstr("dev.txt:5:"));
    EXPECT_THAT(text, testing::Not(HasSubstr("dev.txt:1:")));
}

TEST(Task, names_mistakes_of_all_files_at_once) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "no tab\n");
    folder.write("demo.jsonl", "{\n");
    TaskOptions options = sentiment();
    options.test = "none.txt";
    options.demonstrations = "demo.jsonl";
    const std::string text = refusal(options, folder.path());
    EXPECT_THAT(text, HasSubstr("dev.txt:1:"));
    EXPECT_THAT(text, HasSubstr("none.txt: expected a data file, found no such file"));
    EXPECT_THAT(text, HasSubstr("demo.jsonl:1:"));
}

TEST(Task, refuses_options_before_it_reads_data) {
    TaskOptions options = sentiment();
    options.answer = "guess";
    EXPECT_THAT(
        refusal(options, "/nowhere"),
        HasSubstr("task.answer: expected likelihood, generated or target, found \"guess\""));
}

TEST(Task, works_with_a_single_line) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "a\t1");
    const Task task = Task::load(sentiment(), folder.path(), 1);
    EXPECT_THAT(task.whole_dev().examples, ElementsAre(ExampleId{0}));
    EXPECT_EQ(task.whole_dev().number, 0xffffffffU);
    EXPECT_THAT(task.blocks(), SizeIs(1));
    EXPECT_THAT(task.whole_test().examples, testing::IsEmpty());
}

TEST(Task, refuses_more_blocks_than_examples) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "a\t1\nb\t0\n");
    TaskOptions options = sentiment();
    options.blocks = 3;
    EXPECT_EQ(refusal(options, folder.path()),
              "task.blocks: expected 1 to 2, the examples of dev, found 3");
}

TEST(Task, names_its_measures) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "a\t1\nb\t0\n");
    TaskOptions options = sentiment();
    EXPECT_THAT(Task::load(options, folder.path(), 1).measure_names(),
                ElementsAre("accuracy", "loss", "prompt_tokens", "generated_tokens"));
    options.answer = "generated";
    EXPECT_THAT(Task::load(options, folder.path(), 1).measures(), ElementsAre("accuracy"));
}

TEST(Task, keeps_free_text_answers_and_refuses_empty_ones) {
    const test::TemporaryFolder folder;
    folder.write("dev.jsonl",
                 "{\"q\": \"1+1\", \"a\": \"so\\n#### 2\"}\n{\"q\": \"\", \"a\": \" \"}\n");
    TaskOptions options;
    options.dev = "dev.jsonl";
    options.answer = "generated";
    options.input = "q";
    options.output = "a";
    EXPECT_THAT(refusal(options, folder.path()),
                HasSubstr("dev.jsonl:2: a: expected an answer, found \" \""));
    folder.write("dev.jsonl", "{\"q\": \"1+1\", \"a\": \"so\\n#### 2\"}\n");
    const Task task = Task::load(options, folder.path(), 1);
    EXPECT_EQ(task.example(ExampleId{0}).output, "so\n#### 2");
    EXPECT_EQ(task.example(ExampleId{0}).label, -1);
}

TEST(Task, a_target_is_its_only_example) {
    TaskOptions options;
    options.answer = "target";
    options.target = "learn programming is";
    const Task task = Task::load(options, "", 1);
    EXPECT_THAT(task.dev(), ElementsAre(ExampleId{0}));
    EXPECT_EQ(task.example(ExampleId{0}).output, " learn programming is");
    EXPECT_EQ(task.target_text(), " learn programming is");
    EXPECT_THAT(task.measures(), ElementsAre("weighted_loss", "target_loss", "fluency"));
    EXPECT_THAT(task.blocks(), SizeIs(1));
    options.target = "\nx";
    EXPECT_EQ(Task::load(options, "", 1).target_text(), "\nx");
}

TEST(Task, identity_changes_with_everything_that_decides_an_outcome) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "a\t1\nb\t0\nc\t0\n");
    const Task task = Task::load(sentiment(), folder.path(), 1);
    const auto differs = [&](const auto& change, std::uint64_t seed = 1) {
        TaskOptions options = sentiment();
        change(options);
        return Task::load(options, folder.path(), seed).identity() != task.identity();
    };
    EXPECT_FALSE(differs([](TaskOptions&) {}));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.show = "{instruction} {input}"; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.show_demonstration = "{input}{output}"; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.answer = "generated"; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.labels = {"negative", "good"}; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.delimiter = ""; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.extract = "x"; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.max_tokens = 17; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.stop = {"x"}; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.temperature = 0.5; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.chat = true; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.dev_size = 2; }));
    EXPECT_TRUE(differs([](TaskOptions& o) { o.blocks = 2; }));
}

TEST(Task, identity_is_that_of_the_data_not_of_its_place) {
    const test::TemporaryFolder folder;
    folder.write("dev.txt", "a\t1\nb\t0\n");
    folder.write("same.csv", "input,output\na,positive\nb,negative\n");
    folder.write("other.txt", "a\t1\nb\t1\n");
    const auto identity = [&](const std::string& dev) {
        return Task::load(sentiment(dev), folder.path(), 1).identity();
    };
    EXPECT_EQ(identity("dev.txt"), identity("same.csv"));
    EXPECT_NE(identity("dev.txt"), identity("other.txt"));
}

}  // namespace
}  // namespace evoke::evaluation
