#include "evolution/operators/lm_continue.hpp"

#include <gmock/gmock.h>

#include "operators/operator_bench.hpp"
#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using test::OperatorBench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(LmContinue, asks_with_the_first_words_and_puts_the_answer_behind_them) {
    const OperatorBench bench{"lm-continue"};
    const Plan plan = bench.plan({"a b c d e f"});
    for (std::uint32_t slot = 0; slot < 20; ++slot) {
        const auto key = OperatorBench::key(slot);
        const auto asked = *bench.operation().meta_prompt(plan, key);
        // At least two of six words, at most five.
        EXPECT_GE(asked.prompt.size(), 3U);
        EXPECT_LE(asked.prompt.size(), 9U);
        EXPECT_TRUE(std::string{"a b c d e f"}.starts_with(asked.prompt));
        EXPECT_EQ(bench.operation().make(plan, "and more.", key).instruction,
                  asked.prompt + " and more.");
        EXPECT_EQ(bench.operation().make(plan, ", then.", key).instruction,
                  asked.prompt + ", then.");
    }
}

TEST(LmContinue, reads_up_to_the_end_of_the_sentence) {
    const OperatorBench bench{"lm-continue"};
    EXPECT_EQ(bench.operation().parse(test::reply(" was good. Then he")).instruction, "was good.");
    EXPECT_EQ(bench.operation().parse(test::reply(" was so", true)).verdict,
              population::Verdict::truncated);
}

TEST(LmContinue, asks_nothing_when_there_is_nothing_to_continue) {
    const OperatorBench bench{"lm-continue"};
    EXPECT_EQ(bench.operation().meta_prompt(bench.plan({""}), {}), std::nullopt);
}

TEST(LmContinue, keeps_the_only_word) {
    const OperatorBench bench{"lm-continue"};
    EXPECT_EQ(bench.operation().meta_prompt(bench.plan({"Sort"}), {})->prompt, "Sort");
}

}  // namespace
}  // namespace evoke::evolution
