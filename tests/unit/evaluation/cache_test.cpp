#include "evoke/evaluation/cache.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <set>
#include <stdexcept>

namespace evoke::evaluation {
namespace {

using population::AskUnit;
using population::ContinueUnit;
using population::Genome;
using population::Outcome;
using population::Reply;
using testing::HasSubstr;

Cache cache_of(std::string_view context) {
    return Cache{content_hash(as_bytes(context))};
}

TEST(Cache, gives_back_what_was_put) {
    Cache cache = cache_of("task");
    const auto key = cache.outcome_key({.instruction = "Judge."}, ExampleId{3});
    EXPECT_EQ(cache.find_outcome(key), nullptr);
    cache.put(key, Outcome{.values = {1.0F, 0.25F}, .prompt_tokens = 9, .seconds = 2.0F});
    ASSERT_NE(cache.find_outcome(key), nullptr);
    EXPECT_EQ(cache.find_outcome(key)->values[1], 0.25F);
    EXPECT_EQ(cache.find_reply(key), nullptr);
    const auto ask = cache.reply_key(AskUnit{.prompt = "p"});
    cache.put(ask, Reply{.text = "answer"});
    EXPECT_EQ(cache.find_reply(ask)->text, "answer");
    EXPECT_EQ(cache.size(), 2U);
}

TEST(Cache, accepts_the_same_answer_again_and_keeps_the_first_seconds) {
    Cache cache = cache_of("task");
    const auto key = cache.outcome_key({}, ExampleId{0});
    cache.put(key, Outcome{.values = {std::nanf("")}, .seconds = 1.0F});
    cache.put(key, Outcome{.values = {std::nanf("")}, .seconds = 5.0F});
    EXPECT_EQ(cache.find_outcome(key)->seconds, 1.0F);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(Cache, refuses_two_answers_to_one_question_and_shows_both) {
    Cache cache = cache_of("task");
    const auto key = cache.outcome_key({}, ExampleId{0});
    cache.put(key, Outcome{.values = {0.5F}, .prompt_tokens = 7});
    try {
        cache.put(key, Outcome{.values = {0.75F}, .prompt_tokens = 7});
        FAIL() << "accepted";
    } catch (const std::logic_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("0.5"));
        EXPECT_THAT(error.what(), HasSubstr("0.75"));
        EXPECT_THAT(error.what(), HasSubstr(to_string(key)));
    }
    EXPECT_EQ(cache.find_outcome(key)->values[0], 0.5F);
    const auto ask = cache.reply_key(AskUnit{.prompt = "p"});
    cache.put(ask, Reply{.text = "yes"});
    EXPECT_THROW(cache.put(ask, Reply{.text = "no"}), std::logic_error);
}

TEST(Cache, shows_enough_digits_to_tell_two_answers_apart) {
    Cache cache = cache_of("task");
    const auto key = cache.outcome_key({}, ExampleId{0});
    const float value = 0.1F;
    cache.put(key, Outcome{.values = {value}});
    try {
        cache.put(key, Outcome{.values = {std::nextafter(value, 1.0F)}});
        FAIL() << "accepted";
    } catch (const std::logic_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("0.1,"));
        EXPECT_THAT(error.what(), HasSubstr("0.10000001"));
    }
}

TEST(Cache, keys_name_everything_that_decides_an_answer) {
    const Cache cache = cache_of("task");
    std::set<ContentHash> keys;
    std::size_t count = 0;
    const auto add = [&](const ContentHash& key) {
        keys.insert(key);
        ++count;
    };
    add(cache.outcome_key({.instruction = "a"}, ExampleId{0}));
    add(cache.outcome_key({.instruction = "a"}, ExampleId{1}));
    add(cache.outcome_key({.instruction = "b"}, ExampleId{0}));
    add(cache.outcome_key({.instruction = "a", .demonstrations = {ExampleId{1}}}, ExampleId{0}));
    add(cache.outcome_key({.instruction = "a", .tokens = {1}}, ExampleId{0}));
    add(cache_of("other task").outcome_key({.instruction = "a"}, ExampleId{0}));
    const AskUnit ask{.prompt = "p", .stop = {"a"}, .max_tokens = 5, .temperature = 0.5};
    add(cache.reply_key(ask));
    const auto changed = [&](const auto& change) {
        AskUnit unit = ask;
        change(unit);
        add(cache.reply_key(unit));
    };
    changed([](AskUnit& unit) { unit.prompt = "q"; });
    changed([](AskUnit& unit) { unit.chat = true; });
    changed([](AskUnit& unit) { unit.stop = {"a", ""}; });
    changed([](AskUnit& unit) { unit.max_tokens = 6; });
    changed([](AskUnit& unit) { unit.temperature = 0.6; });
    changed([](AskUnit& unit) { unit.top_p = 0.9; });
    changed([](AskUnit& unit) { unit.key.seed = 1; });
    changed([](AskUnit& unit) { unit.key.purpose = Purpose::proposal; });
    changed([](AskUnit& unit) { unit.key.generation = 1; });
    changed([](AskUnit& unit) { unit.key.slot = 1; });
    changed([](AskUnit& unit) { unit.key.attempt = 1; });
    add(cache.reply_key(ContinueUnit{.tokens = {1, 2}, .max_tokens = 3}));
    add(cache.reply_key(ContinueUnit{.tokens = {1}, .max_tokens = 3}));
    add(cache.reply_key(ContinueUnit{.tokens = {1, 2}, .max_tokens = 4}));
    EXPECT_EQ(keys.size(), count);
    EXPECT_EQ(cache.reply_key(ask), cache.reply_key(AskUnit{ask}));
}

TEST(Cache, an_evaluation_has_no_reply) {
    EXPECT_THROW(static_cast<void>(cache_of("task").reply_key(population::EvaluateUnit{})),
                 std::invalid_argument);
}

}  // namespace
}  // namespace evoke::evaluation
