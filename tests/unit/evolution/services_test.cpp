#include "evoke/evolution/services.hpp"

#include <gmock/gmock.h>

#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using test::ScriptedServices;

class ServicesInAnyOrder : public testing::TestWithParam<ScriptedServices::Order> {};

TEST_P(ServicesInAnyOrder, evaluate_gives_outcomes_in_the_order_of_genomes) {
    ScriptedServices services;
    services.order = GetParam();
    services.on_evaluate = [](const population::Genome& genome, ExampleId example) {
        return test::outcome({static_cast<float>(genome.instruction.size() * 10 + example.value)});
    };
    const std::vector<population::Genome> genomes{
        {.instruction = "a"}, {.instruction = "bbb"}, {.instruction = "cc"}};
    const auto outcomes = services.evaluate(genomes, test::block_of(2));
    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(outcomes[0][0].values[0], 10);
    EXPECT_EQ(outcomes[1][1].values[0], 31);
    EXPECT_EQ(outcomes[2][0].values[0], 20);
}

TEST_P(ServicesInAnyOrder, ask_gives_replies_in_the_order_of_prompts) {
    ScriptedServices services;
    services.order = GetParam();
    services.on_ask = [](const MetaPrompt& prompt) { return test::reply("re: " + prompt.prompt); };
    const std::vector<MetaPrompt> prompts{
        {.prompt = "one"}, {.prompt = "two"}, {.prompt = "three"}};
    const auto replies = services.ask(prompts);
    ASSERT_EQ(replies.size(), 3U);
    EXPECT_EQ(replies[0].text, "re: one");
    EXPECT_EQ(replies[1].text, "re: two");
    EXPECT_EQ(replies[2].text, "re: three");
}

TEST_P(ServicesInAnyOrder, continue_all_gives_replies_in_the_order_of_units) {
    ScriptedServices services;
    services.order = GetParam();
    services.on_continue = [](const population::ContinueUnit& unit) {
        return test::reply(std::to_string(unit.tokens.at(0)));
    };
    const std::vector<population::ContinueUnit> units{{.tokens = {4}}, {.tokens = {5}}};
    const auto replies = services.continue_all(units);
    EXPECT_EQ(replies[0].text, "4");
    EXPECT_EQ(replies[1].text, "5");
}

INSTANTIATE_TEST_SUITE_P(Orders, ServicesInAnyOrder,
                         testing::Values(ScriptedServices::Order::first_first,
                                         ScriptedServices::Order::last_first,
                                         ScriptedServices::Order::shuffled));

TEST(Services, ask_refuses_an_answer_that_it_did_not_ask_for) {
    ScriptedServices services;
    services.on_ask = [](const MetaPrompt&) { return test::reply("x"); };
    static_cast<void>(services.submit(MetaPrompt{.prompt = "stray"}));
    const std::vector<MetaPrompt> prompts{{.prompt = "one"}};
    EXPECT_THROW(static_cast<void>(services.ask(prompts)), std::logic_error);
}

}  // namespace
}  // namespace evoke::evolution
