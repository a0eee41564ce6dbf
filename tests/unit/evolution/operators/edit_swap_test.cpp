#include "evolution/operators/edit_swap.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::AnyOf;
using testing::Each;

TEST(EditSwap, exchanges_two_phrases) {
    const OperatorBench bench{"edit-swap"};
    const auto texts = bench.made({"a, b, c,"}, 30);
    EXPECT_THAT(texts, Each(AnyOf("b, a, c,", "c, b, a,", "a, c, b,")));
    EXPECT_THAT(texts, testing::Contains("c, b, a,"));
    EXPECT_EQ(bench.made({"a, b, c,"}, 30), texts);
}

TEST(EditSwap, exchanges_two_words_of_a_single_phrase_and_leaves_a_single_word) {
    const OperatorBench bench{"edit-swap"};
    EXPECT_THAT(bench.made({"Judge it"}, 5), Each("it Judge"));
    EXPECT_THAT(bench.made({"Judge"}, 5), Each("Judge"));
}

}  // namespace
}  // namespace evoke::evolution
