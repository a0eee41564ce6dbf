#include "evolution/operators/edit_repeat.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::AnyOf;
using testing::Each;

TEST(EditRepeat, says_one_phrase_twice) {
    const OperatorBench bench{"edit-repeat"};
    const auto texts = bench.made({"a, b,"}, 40);
    EXPECT_THAT(texts, Each(AnyOf("a, a, b,", "a, b, a,", "b, a, b,", "a, b, b,")));
    EXPECT_THAT(texts, testing::Contains("a, b, a,"));
    EXPECT_THAT(texts, testing::Contains("b, a, b,"));
    EXPECT_EQ(bench.made({"a, b,"}, 40), texts);
}

TEST(EditRepeat, has_nothing_to_repeat_in_an_empty_prompt) {
    const OperatorBench bench{"edit-repeat"};
    EXPECT_THAT(bench.made({""}, 3), Each(""));
}

}  // namespace
}  // namespace evoke::evolution
