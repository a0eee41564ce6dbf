#include "evolution/algorithms/target_search.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "search_world.hpp"

namespace evoke::evolution {
namespace {

using population::ContinueUnit;
using population::Genome;
using population::SearchState;
using test::ScriptedServices;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

constexpr TokenId word_count = 40;

/// A model of forty words that goes on counting: after "w7" comes "w8". The loss of the target "w5
/// w6 w7" is the distance of the prompt's last word from "w4"; a prompt is fluent when it counts.
ScriptedServices counting_services() {
    ScriptedServices services;
    for (TokenId i = 0; i < word_count; ++i) services.words.push_back("w" + std::to_string(i));
    services.on_evaluate = [](const Genome& genome, ExampleId) {
        const float target = static_cast<float>(std::abs(genome.tokens.back() - 4));
        float fluency = 0;
        for (std::size_t i = 1; i < genome.tokens.size(); ++i)
            fluency += genome.tokens[i] == genome.tokens[i - 1] + 1 ? 0.0F : 1.0F;
        return test::outcome({target + 0.1F * fluency, target, fluency});
    };
    services.on_continue = [words = services.words](const ContinueUnit& unit) {
        population::Reply reply{.prompt_tokens = 2, .generated_tokens = 3};
        for (std::uint32_t i = 1; i <= unit.max_tokens; ++i) {
            const auto token = (unit.tokens.back() + static_cast<TokenId>(i)) % word_count;
            reply.tokens.push_back(token);
            reply.text += " " + words[static_cast<std::size_t>(token)];
        }
        return reply;
    };
    return services;
}

Problem counting_problem(std::uint64_t seed,
                         std::vector<std::string> initial = {"w20 w33 w17 w29"}) {
    Problem problem = test::word_problem(std::move(initial));
    problem.seed = seed;
    problem.measures = {"weighted_loss", "target_loss", "fluency"};
    problem.objectives = {
        {.measure = "weighted_loss", .direction = population::Direction::minimise}};
    problem.dev = test::block_of(1);
    problem.target = " w5 w6 w7";
    return problem;
}

SearchOptions options_of(int candidates = 32, int generations = 20) {
    SearchOptions options;
    options.algorithm = "target-search";
    options.population = 4;
    options.candidates = candidates;
    options.generations = generations;
    return options;
}

TEST(TargetSearch, start_measures_the_initial_prompts_as_tokens) {
    auto services = counting_services();
    const auto algorithm = make_algorithm(options_of(), counting_problem(1, {"w9 w9", "w1 w2"}));
    const SearchState state = algorithm->start(services);
    ASSERT_EQ(state.population.size(), 2U);
    EXPECT_EQ(state.population[0].genome.tokens, (std::vector<TokenId>{1, 2}));
    EXPECT_EQ(state.population[0].genome.instruction, "w1 w2");
    EXPECT_EQ(state.population[0].objectives[0], 2);
    EXPECT_EQ(state.note,
              "\"w1 w2\" continues with \" w3 w4 w5 w6 w7 w8 w9\"; weighted_loss 2.0000; "
              "target_loss 2.0000; fluency 0.0000");
    EXPECT_FALSE(state.finished);
    EXPECT_EQ(state.spent.evaluations, 2U);
    EXPECT_EQ(state.spent.prompt_tokens, 22U);
    EXPECT_EQ(state.spent.generated_tokens, 5U);
}

TEST(TargetSearch, reaches_the_target_and_the_best_loss_never_rises) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        auto services = counting_services();
        const auto algorithm = make_algorithm(options_of(), counting_problem(seed));
        SearchState state = algorithm->start(services);
        while (!state.finished && state.generation < 20) {
            const double before = state.population[0].objectives[0];
            state = algorithm->step(std::move(state), services);
            ASSERT_LE(state.population[0].objectives[0], before);
        }
        ASSERT_TRUE(state.finished) << "seed " << seed;
        EXPECT_EQ(state.population[0].genome.tokens.back(), 4);
        EXPECT_EQ(state.population[0].genome.tokens.size(), 4U);
        EXPECT_THAT(state.note, AllOf(HasSubstr("continues with \" w5 w6 w7 w8"),
                                      HasSubstr("the target is reached after")));
    }
}

TEST(TargetSearch, says_so_when_the_limit_comes_first) {
    auto services = counting_services();
    Problem problem = counting_problem(1);
    problem.target = "w5 w7 w6";  // nothing continues like this
    const auto algorithm = make_algorithm(options_of(8, 2), problem);
    SearchState state = algorithm->start(services);
    state = algorithm->step(std::move(state), services);
    EXPECT_THAT(state.note, testing::Not(HasSubstr("limit")));
    state = algorithm->step(std::move(state), services);
    EXPECT_THAT(state.note, EndsWith("the limit of 2 iterations is reached, the target is not"));
    EXPECT_FALSE(state.finished);
}

TEST(TargetSearch, ends_at_once_when_the_first_prompt_does_it) {
    auto services = counting_services();
    const auto algorithm = make_algorithm(options_of(), counting_problem(1, {"w9 w4"}));
    const SearchState state = algorithm->start(services);
    EXPECT_TRUE(state.finished);
    EXPECT_THAT(state.note, EndsWith("the target is reached after 0 iterations"));
}

TEST(TargetSearch, measures_as_many_new_prompts_as_wanted_and_none_twice) {
    auto services = counting_services();
    const auto algorithm = make_algorithm(options_of(32), counting_problem(3));
    SearchState state = algorithm->start(services);
    state = algorithm->step(std::move(state), services);
    EXPECT_EQ(state.spent.evaluations, 33U);
    EXPECT_EQ(state.seen.size(), 33U);
    EXPECT_EQ(state.next_id, IndividualId{33});
    EXPECT_EQ(state.proposals.size(), state.born.size());
    EXPECT_LE(state.born.size(), 4U);
    for (const auto& child : state.born) EXPECT_EQ(child.generation, 1U);
}

TEST(TargetSearch, leaves_out_prompts_that_would_be_read_as_other_tokens) {
    auto services = counting_services();
    services.words[11] = "w12";  // "w12" is read as token 11, so token 12 is lost
    const auto algorithm = make_algorithm(options_of(64), counting_problem(3));
    SearchState state = algorithm->start(services);
    state = algorithm->step(std::move(state), services);
    for (const Genome& genome : services.evaluated)
        EXPECT_EQ(services.tokenize(genome.instruction), genome.tokens);
    EXPECT_EQ(services.evaluated.size(), 65U);
}

TEST(TargetSearch, same_seed_same_result_for_any_order_of_arrival_and_after_a_round_trip) {
    const auto algorithm = make_algorithm(options_of(16), counting_problem(5));
    const SearchState state = test::run_checked(*algorithm, counting_services(), 6);
    EXPECT_GE(state.generation, 1U);
}

TEST(TargetSearch, rejects_an_empty_target_and_an_empty_prompt) {
    Problem problem = counting_problem(1);
    problem.target = "  ";
    EXPECT_THROW(static_cast<void>(make_algorithm(options_of(), problem)), InputError);
    auto services = counting_services();
    const auto algorithm = make_algorithm(options_of(), counting_problem(1, {" "}));
    EXPECT_THROW(static_cast<void>(algorithm->start(services)), InputError);
}

TEST(ContinuesWith, compares_texts_without_the_white_space_around_them) {
    const ScriptedServices services = counting_services();
    const Genome prompt{.instruction = "w1", .demonstrations = {}, .tokens = {1}};
    const Reply reply{.text = "w2 w3 w4", .tokens = {2, 3, 4}};
    EXPECT_TRUE(continues_with(" w2 w3", prompt, reply, services));
    EXPECT_TRUE(continues_with("w2 w3 w4 ", prompt, reply, services));
    EXPECT_FALSE(continues_with("w3", prompt, reply, services));
    EXPECT_FALSE(continues_with("w2 w3 w4 w5", prompt, reply, services));
}

}  // namespace
}  // namespace evoke::evolution
