#include "evoke/population/wire.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "unit/population/wire_samples.hpp"

namespace evoke::population {
namespace {

TEST(Wire, an_evaluate_unit_survives_the_journey) {
    const auto unit = std::get<EvaluateUnit>(decode_unit(encode(Unit{sample_evaluate()})));
    EXPECT_EQ(unit.genomes, sample_evaluate().genomes);
    EXPECT_EQ(unit.examples, sample_evaluate().examples);
}

TEST(Wire, an_ask_unit_survives_the_journey) {
    const auto unit = std::get<AskUnit>(decode_unit(encode(Unit{sample_ask()})));
    EXPECT_EQ(unit.prompt, std::string("improve\0this", 12));
    EXPECT_TRUE(unit.chat);
    EXPECT_EQ(unit.stop, (std::vector<std::string>{"</prompt>", ""}));
    EXPECT_EQ(unit.max_tokens, 64U);
    EXPECT_EQ(unit.temperature, 0.8);
    EXPECT_EQ(unit.top_p, 0.95);
    EXPECT_EQ(unit.key, sample_ask().key);
}

TEST(Wire, a_continue_unit_survives_the_journey) {
    const auto unit = std::get<ContinueUnit>(decode_unit(encode(Unit{sample_continue()})));
    EXPECT_EQ(unit.tokens, (std::vector<TokenId>{11, 12, 13}));
    EXPECT_EQ(unit.max_tokens, 7U);
}

TEST(Wire, outcomes_survive_the_journey) {
    const auto result =
        std::get<EvaluateResult>(decode_result(encode(UnitResult{sample_outcomes()})));
    ASSERT_EQ(result.outcomes.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(result.outcomes[i].same_result(sample_outcomes().outcomes[i]));
        EXPECT_EQ(result.outcomes[i].seconds, sample_outcomes().outcomes[i].seconds);
    }
}

TEST(Wire, a_reply_survives_the_journey) {
    EXPECT_EQ(std::get<Reply>(decode_result(encode(UnitResult{sample_reply()}))), sample_reply());
}

TEST(Wire, the_bytes_are_those_of_the_documented_form) {
    EXPECT_EQ(to_hex(encode(Unit{sample_continue()})),
              "01"                        // little-endian
              "01"                        // version of the wire form
              "03"                        // continue
              "03000000"                  // three tokens
              "0b0000000c0000000d000000"  //
              "07000000");                // max_tokens
    EXPECT_EQ(
        to_hex(encode(UnitResult{EvaluateResult{.outcomes = {{.values = {1.0F},
                                                              .status = OutcomeStatus::unparsed,
                                                              .prompt_tokens = 5,
                                                              .generated_tokens = 6,
                                                              .seconds = 0.5F}}}})),
        "010111"    // little-endian, version, outcomes
        "01000000"  // one of them
        "01000000"  // of one value
        "0000803f"  // 1.0
        "01"        // unparsed
        "05000000"
        "06000000"
        "0000003f");
}

TEST(Wire, a_unit_is_no_result_and_a_result_no_unit) {
    EXPECT_THROW((void)decode_result(encode(Unit{sample_continue()})), std::runtime_error);
    EXPECT_THROW((void)decode_unit(encode(UnitResult{sample_reply()})), std::runtime_error);
}

TEST(Wire, another_version_is_refused_by_name) {
    Bytes bytes = encode(Unit{sample_continue()});
    bytes[1] = std::byte{9};
    try {
        (void)decode_unit(bytes);
        FAIL() << "version 9 was accepted";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "a message of version 9, expected 1");
    }
}

TEST(Wire, bytes_after_the_end_are_refused) {
    Bytes bytes = encode(UnitResult{sample_reply()});
    bytes.push_back(std::byte{0});
    EXPECT_THROW((void)decode_result(bytes), std::runtime_error);
}

}  // namespace
}  // namespace evoke::population
