#include "evolution/replies.hpp"

#include <gtest/gtest.h>

#include "support/scripted_services.hpp"

namespace evoke::evolution {
namespace {

using population::Verdict;
using test::reply;

Parsed accepted(std::string text) {
    return {.verdict = Verdict::accepted, .instruction = std::move(text)};
}
Parsed refused(Verdict verdict) {
    return {.verdict = verdict, .instruction = {}};
}

TEST(ParseTagged, takes_the_last_prompt_of_the_answer) {
    EXPECT_EQ(
        parse_tagged(reply("1. <prompt>crossed</prompt>\n2. <prompt> final one\n</prompt> Done.")),
        accepted("final one"));
}

TEST(ParseTagged, refuses_a_prompt_that_was_cut_off) {
    EXPECT_EQ(parse_tagged(reply("<prompt>Say whether the", true)), refused(Verdict::truncated));
    EXPECT_EQ(parse_tagged(reply("<prompt>a</prompt> 2. <prompt>b", true)),
              refused(Verdict::truncated));
    EXPECT_EQ(parse_tagged(reply("Step 1: I think", true)), refused(Verdict::truncated));
}

TEST(ParseTagged, takes_a_whole_prompt_even_when_the_limit_cut_off_what_follows) {
    EXPECT_EQ(parse_tagged(reply("<prompt>whole</prompt> I chose this bec", true)),
              accepted("whole"));
}

TEST(ParseTagged, reads_on_to_the_end_when_a_stop_text_took_the_closing_tag) {
    EXPECT_EQ(parse_tagged(reply("2. <prompt>the end \n")), accepted("the end"));
}

TEST(ParseTagged, without_tags_takes_a_single_line_and_refuses_several) {
    EXPECT_EQ(parse_tagged(reply("\n Classify the review. \n")), accepted("Classify the review."));
    EXPECT_EQ(parse_tagged(reply("Sure!\nClassify the review.")), refused(Verdict::malformed));
}

TEST(ParseTagged, refuses_an_empty_prompt) {
    EXPECT_EQ(parse_tagged(reply("<prompt> \n</prompt>")), refused(Verdict::empty));
    EXPECT_EQ(parse_tagged(reply("")), refused(Verdict::empty));
}

TEST(ParseTagged, keeps_several_lines_and_other_scripts_inside_the_tags) {
    EXPECT_EQ(parse_tagged(reply("<prompt>Zähle:\n- Tiere 動物</prompt>")),
              accepted("Zähle:\n- Tiere 動物"));
}

TEST(ParseTagged, refuses_control_characters_and_broken_characters) {
    EXPECT_EQ(parse_tagged(reply("<prompt>a\x01 b</prompt>")), refused(Verdict::malformed));
    EXPECT_EQ(parse_tagged(reply("<prompt>a \xEF\xBF\xBD b</prompt>")),
              refused(Verdict::malformed));
}

TEST(ParseFirstLine, takes_the_line_without_quotes_and_white_space) {
    EXPECT_EQ(parse_first_line(reply(" \"Name the topic.\" \n5. Another")),
              accepted("Name the topic."));
    EXPECT_EQ(parse_first_line(reply(" Say \"yes\" or \"no\"")), accepted("Say \"yes\" or \"no\""));
}

TEST(ParseFirstLine, a_line_cut_off_ends_at_its_last_whole_sentence) {
    EXPECT_EQ(parse_first_line(reply(" Read it. Then say 3.5 or more. And th", true)),
              accepted("Read it. Then say 3.5 or more."));
    EXPECT_EQ(parse_first_line(reply(" Read it and", true)), refused(Verdict::truncated));
    EXPECT_EQ(parse_first_line(reply(" Read it and\nthe", true)), accepted("Read it and"));
}

TEST(ParseFirstLine, refuses_nothing_as_empty) {
    EXPECT_EQ(parse_first_line(reply(" \n ")), refused(Verdict::empty));
}

TEST(ParseSentence, ends_at_the_first_sentence_or_line) {
    EXPECT_EQ(parse_sentence(reply(" as good or bad. Then stop.")), accepted("as good or bad."));
    EXPECT_EQ(parse_sentence(reply(" as good or bad\nNext")), accepted("as good or bad"));
    EXPECT_EQ(parse_sentence(reply(" as \"good.\" Then")), accepted("as \"good.\""));
    EXPECT_EQ(parse_sentence(reply(" as good or bad")), accepted("as good or bad"));
    EXPECT_EQ(parse_sentence(reply(" as good or", true)), refused(Verdict::truncated));
    EXPECT_EQ(parse_sentence(reply("\nNext")), refused(Verdict::empty));
}

}  // namespace
}  // namespace evoke::evolution
