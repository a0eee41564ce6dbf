#include "evolution/phrases.hpp"

#include <gmock/gmock.h>

namespace evoke::evolution {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitPhrases, ends_a_phrase_at_punctuation_and_at_a_line) {
    EXPECT_THAT(split_phrases("Read the review, then say:\npositive or\nnegative."),
                ElementsAre("Read the review,", "then say:", "positive or", "negative."));
}

TEST(SplitPhrases, cuts_more_than_six_words_into_equal_parts) {
    EXPECT_THAT(split_phrases("a b c d e f"), ElementsAre("a b c d e f"));
    EXPECT_THAT(split_phrases("a b c d e f g"), ElementsAre("a b c", "d e f g"));
    EXPECT_THAT(split_phrases("a b c d e f g h i j"), ElementsAre("a b c", "d e f", "g h i j"));
}

TEST(SplitPhrases, of_white_space_is_empty) {
    EXPECT_THAT(split_phrases(" \n\t"), IsEmpty());
}

TEST(SplitParts, takes_words_when_there_is_one_phrase) {
    EXPECT_THAT(split_parts("Say yes."), ElementsAre("Say", "yes."));
    EXPECT_THAT(split_parts("Say, yes."), ElementsAre("Say,", "yes."));
}

TEST(JoinWords, puts_one_space_between_parts) {
    const std::vector<std::string> parts{"a,", "b c", "d"};
    EXPECT_EQ(join_words(parts), "a, b c d");
}

}  // namespace
}  // namespace evoke::evolution
