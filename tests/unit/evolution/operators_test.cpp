#include "evoke/evolution/operators.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace evoke::evolution {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TaskSketch sketch() {
    TaskSketch task;
    task.labels = {"good", "bad"};
    task.demonstrations = {{.input = "fine", .output = "good"}, {.input = "dull", .output = "bad"}};
    task.demonstration_ids = {ExampleId{10}, ExampleId{11}};
    return task;
}

std::string refusal(const SearchOptions& options, TaskSketch task,
                    const std::filesystem::path& base = {}) {
    try {
        static_cast<void>(make_operators(options, base, std::move(task)));
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(OperatorNames, are_these) {
    EXPECT_THAT(operator_names(),
                ElementsAre("lm-crossover-mutation", "lm-paraphrase", "lm-induce", "lm-improve",
                            "lm-complete", "lm-continue", "edit-delete", "edit-swap", "edit-repeat",
                            "edit-exchange", "demonstrations-add", "demonstrations-drop",
                            "demonstrations-swap"));
}

TEST(MakeOperators, makes_every_one_by_its_name) {
    SearchOptions options;
    options.demonstrations = 2;
    options.operators.assign(operator_names().begin(), operator_names().end());
    const auto operators = make_operators(options, {}, sketch());
    ASSERT_EQ(operators.size(), operator_names().size());
    for (std::size_t i = 0; i < operators.size(); ++i) {
        EXPECT_EQ(operators[i]->name(), operator_names()[i]);
        EXPECT_EQ(builtin_meta_prompt(operators[i]->name()).empty(),
                  !operators[i]->name().starts_with("lm-"));
    }
}

TEST(MakeOperators, rejects_unknown_names_and_names_the_nearest) {
    SearchOptions options;
    options.operators = {"lm-paraphrase", "edit-delet", "nonsense"};
    EXPECT_THAT(refusal(options, sketch()),
                AllOf(HasSubstr("did you mean 'edit-delete'?"), HasSubstr("\"nonsense\"")));
}

TEST(MakeOperators, rejects_operators_that_show_examples_when_there_are_none) {
    SearchOptions options;
    options.demonstrations = 2;
    options.operators = {"lm-induce", "lm-improve", "demonstrations-swap"};
    EXPECT_THAT(refusal(options, {}), AllOf(HasSubstr("lm-induce"), HasSubstr("lm-improve"),
                                            HasSubstr("demonstrations-swap")));
}

TEST(MakeOperators, rejects_a_folder_that_does_not_exist) {
    SearchOptions options;
    options.meta_prompts = "nowhere";
    EXPECT_THAT(refusal(options, sketch()), HasSubstr("search.meta_prompts"));
}

class MetaPromptFolder : public testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directories(base_ / "meta"); }
    void TearDown() override { std::filesystem::remove_all(base_); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream{base_ / "meta" / name} << text;
    }

    std::filesystem::path base_ =
        std::filesystem::path{testing::TempDir()} /
        ("evoke_" + std::string{testing::UnitTest::GetInstance()->current_test_info()->name()});
    SearchOptions options_ = [] {
        SearchOptions options;
        options.meta_prompts = "meta";
        options.operators = {"lm-paraphrase", "lm-crossover-mutation"};
        return options;
    }();
};

TEST_F(MetaPromptFolder, replaces_the_meta_prompts_that_it_holds) {
    write("lm-paraphrase.txt", "rewrite: {parent_1}\nnew:\n");
    const auto operators = make_operators(options_, base_, sketch());
    population::Individual parent;
    parent.genome.instruction = "Sort it.";
    const Plan one{.operation = operators[0].get(), .parents = {parent}};
    EXPECT_EQ(operators[0]->meta_prompt(one, {})->prompt, "rewrite: Sort it.\nnew:");
    const Plan two{.operation = operators[1].get(), .parents = {parent, parent}};
    EXPECT_THAT(operators[1]->meta_prompt(two, {})->prompt,
                HasSubstr("Prompt A: Sort it.\nPrompt B: Sort it.\n1."));
}

TEST_F(MetaPromptFolder, a_broken_file_is_refused_with_file_and_line) {
    write("lm-paraphrase.txt", "rewrite:\n{parent_2}\n");
    EXPECT_THAT(refusal(options_, sketch(), base_), HasSubstr("lm-paraphrase.txt:2"));
}

}  // namespace
}  // namespace evoke::evolution
