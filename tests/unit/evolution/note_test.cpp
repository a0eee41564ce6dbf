#include "evolution/note.hpp"

#include <gtest/gtest.h>

#include "search_world.hpp"

namespace evoke::evolution {
namespace {

using population::Direction;
using population::Individual;
using population::Objective;
using population::SearchState;
using test::individual;

const std::vector<Objective> accuracy{{.measure = "accuracy", .direction = Direction::maximise}};

Individual child(std::uint64_t id, double value, double tokens,
                 std::vector<std::uint64_t> parents) {
    Individual one = individual(id, value, tokens, "new text");
    one.generation = 2;
    one.operation = "lm-paraphrase";
    for (const auto parent : parents) one.parents.emplace_back(parent);
    return one;
}

SearchState second_generation(std::vector<Individual> population, std::size_t born) {
    SearchState state;
    state.generation = 2;
    state.population = std::move(population);
    state.born.resize(born);
    return state;
}

const std::vector<Individual> before{individual(1, 0.5, 9, "old text"), individual(2, 0.25, 9)};

TEST(GenerationNote, says_which_operator_made_the_new_best_and_from_what) {
    const auto state = second_generation({child(8, 0.75, 9, {2, 1}), before[0]}, 5);
    EXPECT_EQ(
        generation_note(state, before, accuracy),
        "best accuracy 0.7500 (0.5000 before): \"new text\", by lm-paraphrase from 0.2500 and "
        "0.5000; 1 of 5 children survive");
}

TEST(GenerationNote, says_that_the_best_stays) {
    const auto state = second_generation({before[0], before[1]}, 3);
    EXPECT_EQ(generation_note(state, before, accuracy),
              "best accuracy 0.5000, as before: \"old text\"; 0 of 3 children survive");
}

TEST(GenerationNote, says_that_fewer_tokens_decided) {
    const auto state = second_generation({child(8, 0.5, 4, {1}), before[0]}, 3);
    EXPECT_EQ(
        generation_note(state, before, accuracy),
        "best accuracy 0.5000, as before, but with 4 prompt tokens instead of 9: \"new text\", "
        "by lm-paraphrase from 0.5000; 1 of 3 children survive");
}

TEST(InQuotes, stays_on_one_line_and_cuts_between_characters) {
    EXPECT_EQ(in_quotes("a\nb\tc"), "\"a b c\"");
    EXPECT_EQ(in_quotes("aé", 2), "\"a…\"");
    EXPECT_EQ(in_quotes("aé", 3), "\"aé\"");
}

}  // namespace
}  // namespace evoke::evolution
