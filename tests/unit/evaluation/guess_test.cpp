#include "evoke/evaluation/guess.hpp"

#include <gmock/gmock.h>

#include "evoke/core/error.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::evaluation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TaskGuess guess(const std::string& name, std::string_view content) {
    const test::TemporaryFolder folder;
    return guess_task(folder.write(name, content));
}

TEST(GuessTask, knows_columns_by_their_names) {
    const TaskGuess found =
        guess("d.csv", "id,Text,Label\n1,\"good, very\",pos\n2,bad,neg\n3,fine,pos\n4,awful,neg\n");
    EXPECT_EQ(found.input, "Text");
    EXPECT_EQ(found.output, "Label");
    EXPECT_THAT(found.labels, ElementsAre("pos", "neg"));
    EXPECT_FALSE(found.numbered);
    EXPECT_EQ(found.examples, 4U);
    EXPECT_THAT(found.columns, ElementsAre("id", "Text", "Label"));
}

TEST(GuessTask, takes_the_column_with_fewest_values_for_the_answer) {
    const TaskGuess found = guess("d.tsv",
                                  "a\tb\tc\nlong text one\tx\t1\nlong text two\ty\t1\n"
                                  "long text three\tz\t2\nlong text four\tw\t2\n");
    EXPECT_EQ(found.output, "c");
    EXPECT_EQ(found.input, "a");
    EXPECT_TRUE(found.numbered);
    EXPECT_THAT(found.labels, ElementsAre("label 0", "label 1", "label 2"));
}

TEST(GuessTask, answers_that_hardly_repeat_are_no_labels) {
    const TaskGuess found = guess("d.jsonl",
                                  "{\"question\": \"1+1\", \"answer\": \"so 2\"}\n"
                                  "{\"question\": \"1+2\", \"answer\": \"so 3\"}\n"
                                  "{\"question\": \"1+3\", \"answer\": \"so 4\"}\n");
    EXPECT_EQ(found.input, "question");
    EXPECT_EQ(found.output, "answer");
    EXPECT_THAT(found.labels, IsEmpty());
}

TEST(GuessTask, a_txt_has_no_columns) {
    const TaskGuess found = guess("d.txt", "a\t0\nb\t1\nc\t1\nd\t0\n");
    EXPECT_EQ(found.input, "");
    EXPECT_TRUE(found.numbered);
    EXPECT_THAT(found.labels, ElementsAre("label 0", "label 1"));
}

TEST(GuessTask, refuses_what_is_no_data) {
    EXPECT_THROW(static_cast<void>(guess("d.csv", "one\n1\n2\n")), InputError);
    EXPECT_THROW(static_cast<void>(guess("d.parquet", "x")), InputError);
    EXPECT_THROW(static_cast<void>(guess("d.txt", "no tab\n")), InputError);
    EXPECT_THROW(static_cast<void>(guess_task("/nowhere/d.csv")), InputError);
}

}  // namespace
}  // namespace evoke::evaluation
