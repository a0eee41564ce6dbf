#include "evolution/token_changes.hpp"

#include <gmock/gmock.h>

#include <map>

namespace evoke::evolution {
namespace {

using population::Individual;
using testing::ElementsAre;
using testing::IsEmpty;

Individual prompt(std::uint64_t id, std::vector<TokenId> tokens) {
    Individual one;
    one.id = IndividualId{id};
    one.genome.tokens = std::move(tokens);
    return one;
}

std::size_t differences(const std::vector<TokenId>& a, const std::vector<TokenId>& b) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) count += a[i] == b[i] ? 0 : 1;
    return count;
}

TEST(ChangeTokens, keeps_the_length_and_changes_what_the_operation_says) {
    const std::vector<Individual> population{prompt(4, {1, 2, 3, 4}), prompt(9, {5, 6, 7, 8})};
    const std::vector<TokenId> vocabulary{20, 21, 22};
    std::map<std::string_view, int> seen;
    int first = 0;
    for (std::uint32_t slot = 0; slot < 1000; ++slot) {
        const auto change = change_tokens(population, vocabulary, {.seed = 3, .slot = slot});
        const auto& changed = population[change.parents[0] == IndividualId{4} ? 0 : 1];
        first += change.parents[0] == IndividualId{4} ? 1 : 0;
        ASSERT_EQ(change.tokens.size(), 4U);
        ++seen[change.operation];
        if (change.operation == "token-swap") {
            ASSERT_EQ(differences(change.tokens, changed.genome.tokens), 1U);
        }
        if (change.operation == "token-pair") {
            ASSERT_EQ(differences(change.tokens, changed.genome.tokens), 2U);
        }
        if (change.operation == "token-mix") {
            ASSERT_EQ(change.parents.size(), 2U);
            for (std::size_t i = 0; i < 4; ++i)
                ASSERT_TRUE(change.tokens[i] == population[0].genome.tokens[i] ||
                            change.tokens[i] == population[1].genome.tokens[i]);
        }
    }
    // 70, 10, 10 and 10 % of 1000; the first is changed in 75 %.
    EXPECT_NEAR(seen["token-swap"], 700, 60);
    EXPECT_NEAR(seen["token-pair"], 100, 40);
    EXPECT_NEAR(seen["token-move"], 100, 40);
    EXPECT_NEAR(seen["token-mix"], 100, 40);
    EXPECT_NEAR(first, 750, 60);
}

TEST(ChangeTokens, depends_on_the_key_alone) {
    const std::vector<Individual> population{prompt(4, {1, 2, 3, 4})};
    const std::vector<TokenId> vocabulary{20, 21, 22};
    const RandomKey key{.seed = 3, .generation = 2, .slot = 7};
    EXPECT_EQ(change_tokens(population, vocabulary, key).tokens,
              change_tokens(population, vocabulary, key).tokens);
}

TEST(ChangeTokens, works_on_a_single_token) {
    const std::vector<Individual> population{prompt(4, {1})};
    const std::vector<TokenId> vocabulary{20};
    for (std::uint32_t slot = 0; slot < 50; ++slot)
        ASSERT_EQ(change_tokens(population, vocabulary, {.seed = 3, .slot = slot}).tokens.size(),
                  1U);
}

TEST(ContinuationChanges, takes_the_next_token_and_all_to_the_end) {
    const std::vector<TokenId> vocabulary{1, 2, 3, 4, 8, 9};
    const std::vector<TokenId> written{8, 9};
    const auto changes = continuation_changes(prompt(4, {1, 2, 3, 4}), 2, written, vocabulary);
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_THAT(changes[0].tokens, ElementsAre(1, 2, 8, 4));
    EXPECT_THAT(changes[1].tokens, ElementsAre(1, 2, 8, 9));
    EXPECT_EQ(changes[0].operation, "continuation");
    EXPECT_THAT(changes[0].parents, ElementsAre(IndividualId{4}));
}

TEST(ContinuationChanges, leaves_out_what_is_not_ordinary_or_not_there) {
    const std::vector<TokenId> vocabulary{1, 2, 3, 4, 8};
    const Individual one = prompt(4, {1, 2, 3, 4});
    EXPECT_EQ(continuation_changes(one, 2, std::vector<TokenId>{8, 99}, vocabulary).size(), 1U);
    EXPECT_EQ(continuation_changes(one, 2, std::vector<TokenId>{8}, vocabulary).size(), 1U);
    EXPECT_THAT(continuation_changes(one, 2, std::vector<TokenId>{99, 8}, vocabulary), IsEmpty());
    EXPECT_THAT(continuation_changes(one, 2, std::vector<TokenId>{}, vocabulary), IsEmpty());
}

}  // namespace
}  // namespace evoke::evolution
