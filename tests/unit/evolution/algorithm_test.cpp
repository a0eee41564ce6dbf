#include "evoke/evolution/algorithm.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "search_world.hpp"

namespace evoke::evolution {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const SearchOptions& options, Problem problem) {
    try {
        static_cast<void>(make_algorithm(options, std::move(problem)));
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

SearchOptions good() {
    SearchOptions options;
    options.operators = {"edit-delete"};
    return options;
}

class EveryAlgorithm : public testing::TestWithParam<std::string_view> {};

TEST_P(EveryAlgorithm, is_made_by_name) {
    SearchOptions options = good();
    options.algorithm = GetParam();
    auto problem = test::word_problem({"x"});
    problem.target = "x";
    EXPECT_EQ(make_algorithm(options, problem)->name(), GetParam());
}

TEST_P(EveryAlgorithm, is_among_the_choices_of_the_option) {
    EXPECT_THAT(std::string{std::get<0>(SearchOptions::rows()).choices},
                HasSubstr(std::string{GetParam()}));
}

TEST_P(EveryAlgorithm, rejects_bad_options_all_at_once) {
    SearchOptions options = good();
    options.algorithm = GetParam();
    options.population = 0;
    options.attempts = 0;
    options.candidates = 0;
    options.temperature = -1;
    options.top_p = 0;
    EXPECT_THAT(refusal(options, test::word_problem({})),
                AllOf(HasSubstr("search.population"), HasSubstr("search.attempts"),
                      HasSubstr("search.candidates"), HasSubstr("search.temperature"),
                      HasSubstr("search.top_p"), HasSubstr("search.initial")));
}

INSTANTIATE_TEST_SUITE_P(Names, EveryAlgorithm, testing::ValuesIn(algorithm_names()),
                         [](const auto& parameter) {
                             std::string name{parameter.param};
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(MakeAlgorithm, names_the_nearest_algorithm) {
    SearchOptions options = good();
    options.algorithm = "evopromt-ga";
    EXPECT_THAT(refusal(options, test::word_problem({"x"})),
                HasSubstr("did you mean 'evoprompt-ga'?"));
}

TEST(MakeAlgorithm, rejects_an_objective_that_the_task_does_not_measure) {
    auto problem = test::word_problem({"x"});
    problem.objectives.push_back({.measure = "acuracy"});
    EXPECT_THAT(refusal(good(), problem), AllOf(HasSubstr("accuracy, loss, prompt_tokens"),
                                                HasSubstr("did you mean 'accuracy'?")));
    problem.objectives.clear();
    EXPECT_THAT(refusal(good(), problem), HasSubstr("at least one objective"));
}

TEST(MakeAlgorithm, rejects_an_empty_dev_set) {
    auto problem = test::word_problem({"x"});
    problem.dev.examples.clear();
    EXPECT_THAT(refusal(good(), problem), HasSubstr("task.dev"));
}

TEST(MakeAlgorithm, passes_on_what_is_wrong_with_operators) {
    SearchOptions options = good();
    options.operators = {"edit-delet", "demonstrations-add"};
    EXPECT_THAT(
        refusal(options, test::word_problem({"x"})),
        AllOf(HasSubstr("did you mean 'edit-delete'?"), HasSubstr("search.demonstrations")));
}

}  // namespace
}  // namespace evoke::evolution
