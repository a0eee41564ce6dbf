#include "evaluation/csv.hpp"

#include <gmock/gmock.h>

namespace evoke::evaluation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::vector<std::string>> fields_of(std::string_view text) {
    FileMistakes mistakes{"data.csv"};
    std::vector<std::vector<std::string>> fields;
    for (CsvRecord& record : read_csv(text, mistakes)) fields.push_back(std::move(record.fields));
    EXPECT_TRUE(mistakes.empty());
    return fields;
}

std::string mistakes_of(std::string_view text) {
    FileMistakes mistakes{"data.csv"};
    static_cast<void>(read_csv(text, mistakes));
    Diagnostics diagnostics;
    mistakes.report(diagnostics);
    return diagnostics.text();
}

TEST(ReadCsv, divides_at_commas_and_lines) {
    EXPECT_THAT(fields_of("a,b\n1,2\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(ReadCsv, takes_crlf_and_a_last_line_without_end) {
    EXPECT_THAT(fields_of("a,b\r\n1,2"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(ReadCsv, keeps_commas_quotes_and_line_ends_inside_quotes) {
    EXPECT_THAT(fields_of("\"a,b\",\"say \"\"hi\"\"\"\r\n\"two\r\nlines\",x\r\n"),
                ElementsAre(ElementsAre("a,b", "say \"hi\""), ElementsAre("two\r\nlines", "x")));
}

TEST(ReadCsv, counts_lines_through_quoted_line_ends) {
    FileMistakes mistakes{"data.csv"};
    const auto records = read_csv("h,i\n\"1\n2\n3\",x\n4,y\n", mistakes);
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[1].line, 2U);
    EXPECT_EQ(records[2].line, 5U);
}

TEST(ReadCsv, keeps_empty_fields_and_leaves_out_empty_lines) {
    EXPECT_THAT(
        fields_of("a,,b\n\n,,\n\"\",\n"),
        ElementsAre(ElementsAre("a", "", "b"), ElementsAre("", "", ""), ElementsAre("", "")));
}

TEST(ReadCsv, takes_a_quote_inside_an_unquoted_field_as_it_stands) {
    EXPECT_THAT(fields_of("5\" pipe,x\n"), ElementsAre(ElementsAre("5\" pipe", "x")));
}

TEST(ReadCsv, keeps_a_lone_carriage_return) {
    EXPECT_THAT(fields_of("a\rb,c\n"), ElementsAre(ElementsAre("a\rb", "c")));
}

TEST(ReadCsv, names_the_line_where_an_unclosed_quote_opened) {
    EXPECT_EQ(mistakes_of("a,b\n1,\"two\nthree\n"),
              "data.csv:2: expected a closing quote before the end of the file, found a field that "
              "begins with \"\"two\\x0athree\\x0a\"");
}

TEST(ReadCsv, names_text_behind_a_closing_quote) {
    EXPECT_THAT(mistakes_of("a,b\n\"1\"x,2\n"),
                HasSubstr("data.csv:2: expected a comma or the end of the line after a closing "
                          "quote, found \"x\""));
}

TEST(ReadCsv, empty_text_has_no_records) {
    EXPECT_THAT(fields_of(""), IsEmpty());
}

}  // namespace
}  // namespace evoke::evaluation
