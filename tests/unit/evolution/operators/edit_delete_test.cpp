#include "evolution/operators/edit_delete.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::AnyOf;
using testing::Each;

TEST(EditDelete, leaves_out_one_phrase) {
    const OperatorBench bench{"edit-delete"};
    const auto texts = bench.made({"Read it, then judge, please."}, 30);
    EXPECT_THAT(texts,
                Each(AnyOf("then judge, please.", "Read it, please.", "Read it, then judge,")));
    EXPECT_THAT(texts, testing::Contains("Read it, please."));
    EXPECT_EQ(bench.made({"Read it, then judge, please."}, 30), texts);
}

TEST(EditDelete, leaves_out_one_word_of_a_single_phrase) {
    const OperatorBench bench{"edit-delete"};
    EXPECT_THAT(bench.made({"Judge it."}, 10), Each(AnyOf("Judge", "it.")));
}

TEST(EditDelete, of_one_word_leaves_nothing) {
    const OperatorBench bench{"edit-delete"};
    EXPECT_THAT(bench.made({"Judge"}, 3), Each(""));
    EXPECT_THAT(bench.made({""}, 3), Each(""));
}

}  // namespace
}  // namespace evoke::evolution
