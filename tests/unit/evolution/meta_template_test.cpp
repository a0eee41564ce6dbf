#include "evolution/meta_template.hpp"

#include <gmock/gmock.h>

namespace evoke::evolution {
namespace {

using testing::HasSubstr;

const Material material{
    .parents = {"first", "second"},
    .demonstrations = {{.input = "1+1", .output = "2"}, {.input = "2+2", .output = "4"}},
    .mistakes = {{.input = "{labels}", .output = "no"}},
    .labels = {"good", "bad"}};

std::string rendered(std::string_view text) {
    return MetaTemplate{text, "test.txt", 2}.render(material);
}

std::string refusal(std::string_view text) {
    try {
        MetaTemplate{text, "test.txt", 2};
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(MetaTemplate, fills_parents_and_labels) {
    EXPECT_EQ(rendered("A: {parent_1}\nB: {parent_2} ({labels})"),
              "A: first\nB: second (good, bad)");
}

TEST(MetaTemplate, repeats_a_loop_for_every_parent) {
    EXPECT_EQ(rendered("{for parents}{number}. {prompt}\n{end}{next}."), "1. first\n2. second\n3.");
}

TEST(MetaTemplate, shows_no_more_pairs_than_the_loop_says) {
    EXPECT_EQ(rendered("{for 1 demonstrations}in {input} out {output};{end}"), "in 1+1 out 2;");
    EXPECT_EQ(rendered("{for 9 demonstrations}{number}:{input};{end}"), "1:1+1;2:2+2;");
}

TEST(MetaTemplate, has_a_short_form_for_pairs) {
    EXPECT_EQ(rendered("{demonstrations}-"), "Input: 1+1\nOutput: 2\n\nInput: 2+2\nOutput: 4\n\n-");
}

TEST(MetaTemplate, does_not_read_what_it_filled_in) {
    EXPECT_EQ(rendered("{for 3 mistakes}{input}{end}"), "{labels}");
}

TEST(MetaTemplate, leaves_other_braces_alone) {
    EXPECT_EQ(rendered("{\"a\": {}} { x } {A}"), "{\"a\": {}} { x } {A}");
}

TEST(MetaTemplate, drops_one_line_break_at_the_end) {
    EXPECT_EQ(rendered("new:\n"), "new:");
    EXPECT_EQ(rendered("new:\n\n"), "new:\n");
}

TEST(MetaTemplate, knows_how_many_examples_it_shows) {
    const MetaTemplate text{"{for 2 demonstrations}{end}{for 5 demonstrations}{end}{mistakes}", "t",
                            0};
    EXPECT_EQ(text.demonstrations(), 5U);
    EXPECT_EQ(text.mistakes(), 3U);
}

TEST(MetaTemplate, rejects_an_unknown_place_with_its_line) {
    EXPECT_THAT(refusal("one\ntwo {parnt_1}"), HasSubstr("test.txt:2"));
    EXPECT_THAT(refusal("{parent_3}"), HasSubstr("{parent_1}, {parent_2}"));
    EXPECT_THAT(refusal("{for parents}{input}{end}"), HasSubstr("{prompt}"));
    EXPECT_THAT(refusal("{for many mistakes}{end}"), HasSubstr("{for N mistakes}"));
    EXPECT_THAT(refusal("{for 2 children}{end}"), HasSubstr("{for N mistakes}"));
}

TEST(MetaTemplate, rejects_a_loop_without_end) {
    EXPECT_THAT(refusal("{for parents}{prompt}"), HasSubstr("{end}"));
    EXPECT_THAT(refusal("{end}"), HasSubstr("{end}"));
}

}  // namespace
}  // namespace evoke::evolution
