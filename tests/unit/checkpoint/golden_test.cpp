// Files of every format version that was ever released are read for ever. Never change these files
// or what is expected of them; a new version of the format adds files of its own.

#include <gtest/gtest.h>

#include <cmath>

#include "evoke/checkpoint/generation_file.hpp"
#include "evoke/checkpoint/journal.hpp"

namespace evoke::checkpoint {
namespace {

const std::filesystem::path golden{EVOKE_GOLDEN};

TEST(Golden, generation_of_format_1_0) {
    const GenerationRecord record = read_generation(golden / "generation-1.0.h5");
    EXPECT_EQ(record.digest + "\n", read_text_file(golden / "generation-1.0.digest"));
    EXPECT_EQ(record.previous_digest, std::string(64, '0'));
    EXPECT_EQ(record.job, "[run]\nname = \"sample\"\nseed = 7\n");
    EXPECT_EQ(record.identities.at("model"), std::string(64, 'b'));
    EXPECT_EQ(record.measures,
              (std::vector<std::string>{"accuracy", "loss", "prompt_tokens", "generated_tokens"}));
    ASSERT_EQ(record.objectives.size(), 2U);
    EXPECT_EQ(record.objectives[0].direction, population::Direction::maximise);
    EXPECT_EQ(record.objectives[1].measure, "prompt_tokens");
    EXPECT_EQ(record.objectives[1].direction, population::Direction::minimise);
    EXPECT_EQ(record.provenance.created, "2024-02-29T12:00:00Z");
    EXPECT_EQ(record.provenance.usage.at(1).busy_seconds, 11.25);

    const population::SearchState& state = record.state;
    EXPECT_EQ(state.generation, 3U);
    EXPECT_EQ(state.next_id, IndividualId{25});
    EXPECT_EQ(state.spent, (population::Spent{400, 5000, 60, 2}));
    EXPECT_EQ(state.note, "the best became shorter");
    EXPECT_FALSE(state.finished);
    ASSERT_EQ(state.population.size(), 6U);
    ASSERT_EQ(state.archive.size(), 2U);
    ASSERT_EQ(state.born.size(), 2U);
    EXPECT_EQ(state.seen.size(), 6U);

    const population::Individual& first = state.population[0];
    EXPECT_EQ(first.id, IndividualId{18});
    EXPECT_EQ(first.genome.instruction,
              "one review review only only caf\xc3\xa9 sentence twice \n one by read");
    EXPECT_EQ(first.genome.demonstrations, (std::vector{ExampleId{400}, ExampleId{410}}));
    EXPECT_EQ(first.parents, (std::vector{IndividualId{0}, IndividualId{1}}));
    EXPECT_EQ(first.operation, "lm-crossover");
    const population::Individual& infeasible = state.born[1];
    EXPECT_FALSE(infeasible.feasible);
    EXPECT_EQ(infeasible.genome.tokens, (std::vector<TokenId>{1, 50256, 7}));
    EXPECT_TRUE(std::isnan(infeasible.objectives.at(0)));
    EXPECT_EQ(infeasible.objectives.at(1), 700);

    EXPECT_EQ(state.scores.rows().size(), 7U);
    EXPECT_EQ(state.scores.row(IndividualId{18}).size(), 12U);
    const population::Outcome& outcome = state.scores.row(IndividualId{18}).at(ExampleId{11});
    EXPECT_EQ(outcome.values, (std::vector<float>{1.0F, 0.651828408241272F}));
    EXPECT_EQ(outcome.status, population::OutcomeStatus::ok);
    EXPECT_EQ(outcome.prompt_tokens, 42U);
    EXPECT_EQ(outcome.generated_tokens, 1U);
    EXPECT_EQ(state.scores.row(IndividualId{24}).at(ExampleId{0}).status,
              population::OutcomeStatus::overflow);
    EXPECT_EQ(record.test.row(IndividualId{18}).size(), 2U);

    ASSERT_EQ(state.proposals.size(), 2U);
    EXPECT_EQ(state.proposals[0].verdict, population::Verdict::accepted);
    EXPECT_EQ(state.proposals[0].child, IndividualId{18});
    EXPECT_EQ(state.proposals[1].verdict, population::Verdict::empty);
    EXPECT_EQ(state.proposals[1].child, std::nullopt);
}

TEST(Golden, journal_1) {
    const JournalContent content = read_journal(golden / "journal-1");
    EXPECT_EQ(content.torn_bytes, 0U);
    ASSERT_EQ(content.entries.size(), 2U);
    const auto& outcomes = std::get<JournalOutcomes>(content.entries[0]);
    EXPECT_EQ(outcomes.keys, (std::vector<ContentHash>{{3, 0}, {3, 100}}));
    EXPECT_EQ(outcomes.outcomes.at(1).values, std::vector<float>{0.5F});
    EXPECT_EQ(outcomes.outcomes.at(1).prompt_tokens, 1U);
    const auto& reply = std::get<JournalReply>(content.entries[1]);
    EXPECT_EQ(reply.key, (ContentHash{3, 1}));
    EXPECT_EQ(reply.reply.text, "<prompt>Be brief.</prompt>");
    EXPECT_EQ(reply.reply.tokens, (std::vector<TokenId>{5, 6}));
    EXPECT_EQ(reply.reply.generated_tokens, 2U);
}

}  // namespace
}  // namespace evoke::checkpoint
