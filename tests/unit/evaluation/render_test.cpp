#include "evoke/evaluation/render.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "fixture.hpp"

namespace evoke::evaluation {
namespace {

constexpr ExampleId first{0};

TEST(Render, shares_everything_before_the_input) {
    const Task task = make_task(sentiment_options(), "so so\t0\n");
    const RenderedPrompt prompt = render(task, instruction("Judge."), first, nullptr);
    EXPECT_EQ(prompt.shared, "Judge.\nText: ");
    EXPECT_EQ(prompt.rest, "so so\nLabel:");
    EXPECT_TRUE(prompt.add_special_tokens);
}

TEST(Render, shows_demonstrations_in_the_genomes_order) {
    const Task task = make_task(sentiment_options(), "so so\t0\n", "fine\t1\nawful\t0\n");
    population::Genome genome = instruction("Judge.");
    genome.demonstrations = {ExampleId{2}, ExampleId{1}};
    EXPECT_EQ(render(task, genome, first, nullptr).shared,
              "Judge.\nText: awful\nLabel: bad\nText: fine\nLabel: good\nText: ");
}

TEST(Render, never_expands_what_it_inserted) {
    const Task task = make_task(sentiment_options(), "{instruction} {input}\t0\n");
    const RenderedPrompt prompt = render(task, instruction("Say {input}!"), first, nullptr);
    EXPECT_EQ(prompt.shared, "Say {input}!\nText: ");
    EXPECT_EQ(prompt.rest, "{instruction} {input}\nLabel:");
}

TEST(Render, keeps_other_braces_and_repeats_the_input) {
    TaskOptions options = sentiment_options();
    options.show = "{\"task\": \"{instruction}\", \"a\": \"{input}\"} {} {input}{";
    const Task task = make_task(options, "x\t0\n");
    const RenderedPrompt prompt = render(task, instruction("J"), first, nullptr);
    EXPECT_EQ(prompt.shared + prompt.rest, "{\"task\": \"J\", \"a\": \"x\"} {} x{");
    EXPECT_EQ(prompt.shared, "{\"task\": \"J\", \"a\": \"");
}

TEST(Render, an_instruction_behind_the_input_is_not_shared) {
    TaskOptions options = sentiment_options();
    options.show = "{input}\n{instruction}";
    const Task task = make_task(options, "x\t0\n");
    const RenderedPrompt prompt = render(task, instruction("Judge."), first, nullptr);
    EXPECT_EQ(prompt.shared, "");
    EXPECT_EQ(prompt.rest, "x\nJudge.");
}

TEST(Render, refuses_demonstrations_that_do_not_exist) {
    const Task task = make_task(sentiment_options(), "x\t0\n");
    population::Genome genome = instruction("Judge.");
    genome.demonstrations = {ExampleId{9}};
    EXPECT_THROW(static_cast<void>(render(task, genome, first, nullptr)), std::out_of_range);
}

constexpr std::string_view plain_chat =
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}";
constexpr std::string_view trimming_chat =
    "{% for m in messages %}[{{ m['content'] | trim }}]{% endfor %}";

TEST(Render, wraps_the_whole_as_one_user_message) {
    const Task task = make_task(sentiment_options(), "so so\t0\n");
    const text::ChatTemplate chat{plain_chat};
    const RenderedPrompt prompt = render(task, instruction("Judge."), first, &chat);
    EXPECT_EQ(prompt.shared, "<|user|>Judge.\nText: ");
    EXPECT_EQ(prompt.rest, "so so\nLabel:<|end|><|assistant|>");
    EXPECT_FALSE(prompt.add_special_tokens);
}

TEST(Render, shared_text_stays_right_when_the_chat_template_trims) {
    TaskOptions options = sentiment_options();
    options.show = "  {instruction} {input}";
    const Task task = make_task(options, "so so\t0\n \t1\n");
    const text::ChatTemplate chat{trimming_chat};
    const RenderedPrompt one = render(task, instruction("Judge:"), first, &chat);
    EXPECT_EQ(one.shared, "[Judge: ");
    EXPECT_EQ(one.rest, "so so]");
    const RenderedPrompt blank = render(task, instruction("Judge:"), ExampleId{1}, &chat);
    EXPECT_EQ(blank.shared + blank.rest, "[Judge:]");
    EXPECT_EQ(blank.shared, "[Judge:");
}

}  // namespace
}  // namespace evoke::evaluation
