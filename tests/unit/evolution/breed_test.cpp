#include "evoke/evolution/breed.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using population::Genome;
using population::Proposal;
using population::SearchState;
using population::Verdict;
using test::ScriptedServices;
using testing::ElementsAre;

/// Asks "slot attempt"; the answer is the child.
class EchoOperator final : public Operator {
public:
    std::string_view name() const override { return "echo"; }
    std::size_t parents() const override { return 0; }
    std::optional<MetaPrompt> meta_prompt(const Plan&, const RandomKey& key) const override {
        return MetaPrompt{.prompt = std::to_string(key.slot) + ' ' + std::to_string(key.attempt),
                          .key = key};
    }
    Parsed parse(const Reply& reply) const override {
        if (reply.truncated) return {.verdict = Verdict::truncated, .instruction = {}};
        return {.verdict = Verdict::accepted, .instruction = reply.text};
    }
    Genome make(const Plan&, std::string_view text, const RandomKey&) const override {
        return {.instruction = std::string{text}, .demonstrations = {}, .tokens = {}};
    }
};

/// Needs no model: the child is the parent with "+" for every attempt so far.
class PlusOperator final : public Operator {
public:
    std::string_view name() const override { return "plus"; }
    std::size_t parents() const override { return 1; }
    std::optional<MetaPrompt> meta_prompt(const Plan&, const RandomKey&) const override {
        return std::nullopt;
    }
    Parsed parse(const Reply&) const override { throw std::logic_error{"never asked"}; }
    Genome make(const Plan& plan, std::string_view, const RandomKey& key) const override {
        Genome child = plan.parents.at(0).genome;
        child.instruction += std::string(key.attempt + 1, '+');
        return child;
    }
};

const EchoOperator echo;
const PlusOperator plus;
const BreedOptions options{.seed = 1, .generation = 4, .attempts = 3, .max_prompt_tokens = 5};

/// What the model proposes: by slot, then attempt.
using Table = std::vector<std::vector<std::string>>;

ScriptedServices services_for(const Table& table) {
    ScriptedServices services;
    services.on_evaluate = [](const Genome& genome, ExampleId example) {
        return test::outcome({static_cast<float>(genome.instruction.size() + example.value)});
    };
    services.on_ask = [table](const MetaPrompt& prompt) {
        return test::reply(table.at(prompt.key.slot).at(prompt.key.attempt));
    };
    return services;
}

SearchState state_with_seen(const std::vector<std::string>& texts) {
    SearchState state;
    for (const std::string& text : texts)
        state.seen.insert(
            content_hash(Genome{.instruction = text, .demonstrations = {}, .tokens = {}}));
    state.next_id = IndividualId{20};
    return state;
}

std::vector<std::string> children_of(const Litter& litter) {
    std::vector<std::string> texts;
    for (const Child& child : litter.children) texts.push_back(child.individual.genome.instruction);
    return texts;
}

std::vector<std::string> verdicts_of(const Litter& litter) {
    std::vector<std::string> lines;
    for (const Proposal& p : litter.proposals)
        lines.push_back(std::to_string(p.slot) + ' ' + p.raw + ' ' +
                        std::string{population::to_string(p.verdict)});
    return lines;
}

TEST(Breed, gives_each_slot_its_first_acceptable_proposal) {
    auto services = services_for({{"a", "b", "c"}, {"a", "old", "d"}, {"1 2 3 4 5 6", "e", "f"}});
    SearchState state = state_with_seen({"old"});
    const std::vector<Plan> plans(3, Plan{.operation = &echo});
    const Litter litter = breed(services, plans, test::block_of(2), options, state);

    EXPECT_THAT(children_of(litter), ElementsAre("a", "d", "e"));
    EXPECT_THAT(verdicts_of(litter),
                ElementsAre("0 a accepted", "1 a duplicate", "1 old duplicate", "1 d accepted",
                            "2 1 2 3 4 5 6 too_long", "2 e accepted"));
}

TEST(Breed, describes_children_and_proposals_completely) {
    auto services = services_for({{"a"}, {"a", "d"}});
    SearchState state = state_with_seen({});
    const std::vector<Plan> plans(2, Plan{.operation = &echo});
    const Litter litter = breed(services, plans, test::block_of(2), options, state);

    ASSERT_EQ(litter.children.size(), 2U);
    const auto& child = litter.children[1].individual;
    EXPECT_EQ(child.id, IndividualId{21});
    EXPECT_EQ(child.operation, "echo");
    EXPECT_EQ(child.generation, 4U);
    EXPECT_EQ(child.slot, 1U);
    EXPECT_EQ(child.attempt, 1U);
    ASSERT_EQ(litter.children[1].outcomes.size(), 2U);
    EXPECT_EQ(litter.children[1].outcomes[1].values[0], 2);

    ASSERT_EQ(litter.proposals.size(), 3U);
    EXPECT_EQ(litter.proposals[0].child, IndividualId{20});
    EXPECT_EQ(litter.proposals[1].child, std::nullopt);
    EXPECT_EQ(litter.proposals[2].child, IndividualId{21});
    EXPECT_EQ(litter.proposals[2].attempt, 1U);
    EXPECT_EQ(litter.proposals[2].generation, 4U);

    EXPECT_EQ(state.next_id, IndividualId{22});
    EXPECT_EQ(state.seen.size(), 2U);
    // 3 proposals of 1 + 1 tokens, 2 children on 2 examples of 10 + 1 tokens.
    EXPECT_EQ(state.spent,
              (population::Spent{
                  .evaluations = 4, .prompt_tokens = 43, .generated_tokens = 7, .proposals = 3}));
}

TEST(Breed, leaves_a_slot_empty_after_the_last_attempt) {
    auto services = services_for({{"old", "old", "old"}, {"a"}});
    SearchState state = state_with_seen({"old"});
    const std::vector<Plan> plans(2, Plan{.operation = &echo});
    const Litter litter = breed(services, plans, test::block_of(1), options, state);
    EXPECT_THAT(children_of(litter), ElementsAre("a"));
    EXPECT_EQ(litter.children[0].individual.slot, 1U);
    EXPECT_EQ(litter.children[0].individual.id, IndividualId{20});
    EXPECT_EQ(litter.proposals.size(), 4U);
}

TEST(Breed, asks_again_after_a_truncated_answer) {
    auto services = services_for({});
    services.on_ask = [](const MetaPrompt& prompt) {
        return test::reply("cut", prompt.key.attempt == 0);
    };
    SearchState state = state_with_seen({});
    const std::vector<Plan> plans(1, Plan{.operation = &echo});
    const Litter litter = breed(services, plans, test::block_of(1), options, state);
    EXPECT_THAT(verdicts_of(litter), ElementsAre("0 cut truncated", "0 cut accepted"));
}

TEST(Breed, refuses_a_text_that_spells_a_special_token) {
    auto services = services_for({{"<|end|>", "a plain one"}});
    SearchState state = state_with_seen({});
    const std::vector<Plan> plans{{&echo, {}, {}}};
    const Litter litter = breed(services, plans, {}, options, state);
    ASSERT_EQ(litter.proposals.size(), 2U);
    EXPECT_EQ(litter.proposals[0].verdict, Verdict::malformed);
    EXPECT_EQ(litter.children.at(0).individual.genome.instruction, "a plain one");
}

TEST(Breed, edits_without_asking) {
    auto services = services_for({});
    SearchState state = state_with_seen({"p+"});
    population::Individual parent;
    parent.id = IndividualId{3};
    parent.genome.instruction = "p";
    const std::vector<Plan> plans(2, Plan{.operation = &plus, .parents = {parent}});
    const Litter litter = breed(services, plans, test::block_of(1), options, state);
    EXPECT_THAT(children_of(litter), ElementsAre("p++", "p+++"));
    EXPECT_THAT(litter.children[0].individual.parents, ElementsAre(IndividualId{3}));
    EXPECT_TRUE(services.asked.empty());
    EXPECT_EQ(state.spent.proposals, 5U);
    EXPECT_EQ(litter.proposals[0].generated_tokens, 0U);
}

TEST(Breed, evaluates_a_child_while_other_slots_are_still_asking) {
    auto services = services_for({{"a"}, {"b"}});
    services.order = ScriptedServices::Order::last_first;
    std::vector<std::size_t> asked_but_unanswered;
    services.on_evaluate = [&](const Genome&, ExampleId) {
        asked_but_unanswered.push_back(services.under_way());
        return test::outcome({1});
    };
    SearchState state = state_with_seen({});
    const std::vector<Plan> plans(2, Plan{.operation = &echo});
    static_cast<void>(breed(services, plans, test::block_of(1), options, state));
    EXPECT_THAT(asked_but_unanswered, ElementsAre(1, 0));
}

TEST(Breed, rejects_a_plan_without_its_parents) {
    auto services = services_for({});
    SearchState state;
    const std::vector<Plan> plans(1, Plan{.operation = &plus});
    EXPECT_THROW(static_cast<void>(breed(services, plans, test::block_of(1), options, state)),
                 std::invalid_argument);
}

/// The rule itself: slot after slot, attempt after attempt.
std::vector<std::string> fill_one_by_one(const Table& table, std::set<std::string> seen) {
    std::vector<std::string> verdicts;
    for (std::size_t slot = 0; slot < table.size(); ++slot) {
        for (const std::string& text : table[slot]) {
            const bool fresh = text != "long" && seen.insert(text).second;
            const bool fits = text != "1 2 3 4 5 6";
            verdicts.push_back(std::to_string(slot) + ' ' + text + ' ' +
                               (!fits   ? "too_long"
                                : fresh ? "accepted"
                                        : "duplicate"));
            if (fits && fresh) break;
        }
    }
    return verdicts;
}

TEST(Breed, litter_is_that_of_filling_slots_one_by_one_whatever_the_order_of_arrival) {
    const std::vector<std::string> texts{"old", "1 2 3 4 5 6", "a", "b", "c", "d", "e", "f"};
    for (std::uint32_t trial = 0; trial < 200; ++trial) {
        const RandomKey key{.seed = 99, .slot = trial};
        Table table(2 + random_below(key, 1000, 7));
        std::uint32_t draw = 0;
        for (auto& attempts : table)
            for (int i = 0; i < 3; ++i)
                attempts.push_back(texts[random_below(key, draw++, texts.size())]);
        const auto expected = fill_one_by_one(table, {"old"});

        std::optional<population::Spent> spent;
        for (std::uint64_t order = 0; order < 6; ++order) {
            auto services = services_for(table);
            services.order = order == 0   ? ScriptedServices::Order::first_first
                             : order == 1 ? ScriptedServices::Order::last_first
                                          : ScriptedServices::Order::shuffled;
            services.shuffle_seed = order;
            SearchState state = state_with_seen({"old"});
            const std::vector<Plan> plans(table.size(), Plan{.operation = &echo});
            const Litter litter = breed(services, plans, test::block_of(2), options, state);
            ASSERT_EQ(verdicts_of(litter), expected) << "trial " << trial << " order " << order;
            ASSERT_EQ(services.asked.size(), litter.proposals.size());
            ASSERT_EQ(services.evaluated.size(), litter.children.size());
            ASSERT_EQ(services.under_way(), 0U);
            for (std::size_t i = 0; i < litter.children.size(); ++i) {
                const auto& child = litter.children[i];
                ASSERT_EQ(child.individual.id.value, 20 + i);
                ASSERT_EQ(child.outcomes.size(), 2U);
                ASSERT_EQ(child.outcomes[0].values[0],
                          static_cast<float>(child.individual.genome.instruction.size()));
            }
            if (!spent) spent = state.spent;
            ASSERT_EQ(state.spent, *spent);
        }
    }
}

}  // namespace
}  // namespace evoke::evolution
