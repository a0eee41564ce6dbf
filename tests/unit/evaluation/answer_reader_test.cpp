#include "evaluation/answer_reader.hpp"

#include <gtest/gtest.h>

#include "evoke/evaluation/evaluator.hpp"

namespace evoke::evaluation {
namespace {

TaskOptions labelled(std::vector<std::string> labels) {
    TaskOptions options;
    options.labels = std::move(labels);
    return options;
}

TaskOptions extracting(const std::string& expression) {
    TaskOptions options;
    options.extract = expression;
    return options;
}

const std::string missing = "(none)";

std::string read(const TaskOptions& options, std::string_view generated) {
    return extract_answer(options, generated).value_or(missing);
}

TEST(ExtractAnswer, finds_the_label_that_occurs_first) {
    const auto options = labelled({"negative", "positive"});
    EXPECT_EQ(read(options, " The answer is Positive, not negative."), "positive");
    EXPECT_EQ(read(options, "NEGATIVE"), "negative");
    EXPECT_EQ(read(options, "\n**positive**\n"), "positive");
    EXPECT_EQ(read(options, "no idea"), missing);
    EXPECT_EQ(read(options, ""), missing);
}

TEST(ExtractAnswer, wants_whole_words) {
    const auto options = labelled({"art", "tech"});
    EXPECT_EQ(read(options, "party technology art"), "art");
    EXPECT_EQ(read(options, "tech_news"), missing);
    EXPECT_EQ(read(options, "tech2"), missing);
    EXPECT_EQ(read(options, "arté"), missing);
    EXPECT_EQ(read(options, "“art”"), "art");
    EXPECT_EQ(read(options, "tech…"), "tech");
}

TEST(ExtractAnswer, takes_the_longest_label_at_one_place) {
    const auto options = labelled({"positive", "positive-ish", "negative"});
    EXPECT_EQ(read(options, "Positive-ish"), "positive-ish");
    EXPECT_EQ(read(options, "positive"), "positive");
    EXPECT_EQ(read(options, "positive, or positive-ish"), "positive");
    EXPECT_EQ(read(labelled({"C", "C++"}), "I say C++."), "C++");
    EXPECT_EQ(read(labelled({"C", "C++"}), "I say C."), "C");
}

TEST(ExtractAnswer, reads_labels_in_other_scripts) {
    EXPECT_EQ(read(labelled({"正面", "负面"}), "答案是负面。"), "负面");
    EXPECT_EQ(read(labelled({"плохо", "хорошо"}), "Ответ: ХОРОШО!"), "хорошо");
    EXPECT_EQ(read(labelled({"Ärger", "Freude"}), "das ist ärger"), "Ärger");
}

TEST(ExtractAnswer, takes_the_last_match_and_its_first_group) {
    EXPECT_EQ(read(extracting("#### (-?[0-9.,]+)"), "#### 3\nno:\n#### 1,800\n"), "1,800");
    EXPECT_EQ(read(extracting("[0-9]+"), "1 then 22 then 333"), "333");
    EXPECT_EQ(read(extracting("(yes)|(no)"), "yes, no"), "no");
    EXPECT_EQ(read(extracting("answer:(.*)"), "answer:  maybe \nmore"), "maybe");
    EXPECT_EQ(read(extracting("#### ([0-9]+)"), "nothing here"), missing);
    EXPECT_EQ(read(extracting("answer:(.*)"), "answer:   "), missing);
}

TEST(ExtractAnswer, looks_for_labels_in_what_the_expression_found) {
    TaskOptions options = labelled({"good", "bad"});
    options.extract = "answer: *(\\w+)";
    EXPECT_EQ(read(options, "good? bad? answer: BAD"), "bad");
    EXPECT_EQ(read(options, "good? answer: ugly"), missing);
}

TEST(ExtractAnswer, searches_the_end_of_a_long_answer_and_survives_greedy_expressions) {
    const std::string filler(100'000, 'x');
    EXPECT_EQ(read(extracting("([0-9]+)"), "1" + filler + "2"), "2");
    EXPECT_EQ(read(extracting("([0-9]+)"), "1" + filler), missing);
    EXPECT_EQ(read(extracting("(?:.|\\n)*(2)"), filler + "2"), "2");
}

TEST(ExtractAnswer, takes_the_whole_answer_otherwise) {
    EXPECT_EQ(read({}, "  Paris \n"), "Paris");
    EXPECT_EQ(read({}, " \n"), missing);
}

TEST(SameAnswer, compares_numbers_as_numbers) {
    for (const char* same : {"18", "18.0", "18.", " 18 ", "$18", "$18.00", "+18", "018"}) {
        EXPECT_TRUE(same_answer(same, "18")) << same;
    }
    EXPECT_TRUE(same_answer("1,800", "1800"));
    EXPECT_TRUE(same_answer("$1,234,567.50", "1234567.5"));
    EXPECT_TRUE(same_answer("-$5", "$-5"));
    EXPECT_TRUE(same_answer("-0", "0.0"));
    EXPECT_TRUE(same_answer(".5", "0.50"));
}

TEST(SameAnswer, tells_numbers_apart) {
    for (const char* other : {"1.8", "180", "-18", "18.01", "1,8", "18 19", "18%", "0x12"}) {
        EXPECT_FALSE(same_answer(other, "18")) << other;
    }
    EXPECT_FALSE(same_answer("18,00", "1800"));
    EXPECT_FALSE(same_answer("1,80,0", "1800"));
    // Beyond what a double can tell apart.
    EXPECT_FALSE(same_answer("9007199254740993", "9007199254740992"));
    EXPECT_FALSE(same_answer(".", "0"));
    EXPECT_FALSE(same_answer("", "0"));
}

TEST(SameAnswer, compares_texts_as_they_stand) {
    EXPECT_TRUE(same_answer(" Paris\n", "Paris"));
    EXPECT_FALSE(same_answer("paris", "Paris"));
}

TEST(AnswerReader, reads_the_right_answer_with_the_same_expression) {
    const AnswerReader reader{extracting("(-?[$0-9.,]*[0-9])")};
    const Example example{.input = "", .output = "She has 3 * 6 = 18 eggs.\n#### 18"};
    EXPECT_TRUE(reader.right(*reader.read("So it is $18.00."), example));
    EXPECT_FALSE(reader.right(*reader.read("So it is 3."), example));
    const Example words{.input = "", .output = "none"};
    EXPECT_FALSE(reader.right("3", words));
    EXPECT_TRUE(reader.right("none", words));
}

}  // namespace
}  // namespace evoke::evaluation
