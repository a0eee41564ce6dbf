#include "text/post_processor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evoke/core/error.hpp"
#include "json_literal.hpp"

namespace evoke::text {
namespace {

using ::testing::ElementsAre;

std::vector<TokenId> processed(std::string_view json) {
    const JsonLiteral literal{json};
    return PostProcessor{literal.part()}.apply({7, 8});
}

TEST(PostProcessor, a_template_puts_its_tokens_around_the_text) {
    EXPECT_THAT(processed(R"({"type":"TemplateProcessing","single":[
        {"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
        {"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[],
        "special_tokens":{"<s>":{"id":"<s>","ids":[1,2],"tokens":["<","s"]},
                          "</s>":{"id":"</s>","ids":[3],"tokens":["</s>"]}}})"),
                ElementsAre(1, 2, 7, 8, 3));
}

TEST(PostProcessor, roberta_and_bert_put_one_token_on_each_side) {
    EXPECT_THAT(processed(R"({"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0]})"),
                ElementsAre(0, 7, 8, 2));
    EXPECT_THAT(processed(R"({"type":"BertProcessing","sep":["[SEP]",5],"cls":["[CLS]",4]})"),
                ElementsAre(4, 7, 8, 5));
}

TEST(PostProcessor, a_sequence_applies_one_after_the_other) {
    EXPECT_THAT(processed(R"({"type":"Sequence","processors":[{"type":"ByteLevel"},
        {"type":"BertProcessing","sep":["s",5],"cls":["c",4]},
        {"type":"BertProcessing","sep":["s",9],"cls":["c",9]}]})"),
                ElementsAre(9, 4, 7, 8, 5, 9));
}

TEST(PostProcessor, a_template_without_the_text_is_refused) {
    EXPECT_THROW(processed(R"({"type":"TemplateProcessing","single":[],"special_tokens":{}})"),
                 LoadError);
    EXPECT_THROW(processed(R"({"type":"TemplateProcessing","single":[
        {"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
        "special_tokens":{}})"),
                 LoadError);
    EXPECT_THROW(processed(R"({"type":"Novel"})"), LoadError);
}

}  // namespace
}  // namespace evoke::text
