#include "evaluation/csv.hpp"

#include <gmock/gmock.h>

#include "evoke/core/random.hpp"

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

/// As RFC 4180 writes a field: in quotes where it must be.
std::string written(const std::string& field) {
    if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
    std::string text = "\"";
    for (const char c : field) text += c == '"' ? "\"\"" : std::string{c};
    return text + "\"";
}

TEST(ReadCsv, gives_back_whatever_was_written) {
    constexpr std::string_view alphabet = ",\"\r\n ab\t;'";
    const RandomKey key{.seed = 1, .purpose = Purpose::variation};
    std::uint32_t draw = 0;
    std::vector<std::vector<std::string>> rows;
    std::string text;
    for (int row = 0; row < 300; ++row) {
        std::vector<std::string> fields{"r"};  // so that no row is an empty line
        for (int column = 0; column < 3; ++column) {
            std::string field;
            const auto length = random_below(key, draw++, 6);
            for (std::uint64_t i = 0; i < length; ++i) {
                field += alphabet[random_below(key, draw++, alphabet.size())];
            }
            fields.push_back(std::move(field));
        }
        for (std::size_t i = 0; i < fields.size(); ++i) {
            text += (i == 0 ? "" : ",") + written(fields[i]);
        }
        text += row % 2 == 0 ? "\n" : "\r\n";
        rows.push_back(std::move(fields));
    }
    EXPECT_EQ(fields_of(text), rows);
}

TEST(ReadCsv, ends_on_any_text) {
    constexpr std::string_view alphabet = ",\"\r\na";
    const RandomKey key{.seed = 2, .purpose = Purpose::variation};
    for (std::uint32_t round = 0; round < 2000; ++round) {
        std::string text;
        for (std::uint32_t i = 0; i < 12; ++i) {
            text += alphabet[random_below(key, round * 12 + i, alphabet.size())];
        }
        FileMistakes mistakes{"data.csv"};
        const auto records = read_csv(text, mistakes);
        EXPECT_LE(records.size(), 12U);
        for (const CsvRecord& record : records) EXPECT_FALSE(record.fields.empty());
    }
}

TEST(ReadCsv, empty_text_has_no_records) {
    EXPECT_THAT(fields_of(""), IsEmpty());
}

}  // namespace
}  // namespace evoke::evaluation
