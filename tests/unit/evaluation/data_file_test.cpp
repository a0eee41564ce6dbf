#include "evaluation/data_file.hpp"

#include <gmock/gmock.h>

#include "support/temporary_folder.hpp"

namespace evoke::evaluation {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Reading {
    std::vector<DataRow> rows;
    std::string mistakes;  ///< the folder's name taken out
};

Reading read(const std::string& name, std::string_view content) {
    const test::TemporaryFolder folder;
    const auto path = folder.write(name, content);
    FileMistakes mistakes{name};
    Reading reading;
    reading.rows = read_data_file(path, *data_format("auto", path), {"text", "label"}, mistakes);
    Diagnostics diagnostics;
    mistakes.report(diagnostics);
    reading.mistakes = diagnostics.text();
    return reading;
}

void expect_row(const DataRow& row, std::size_t line, const std::string& input,
                const std::string& output) {
    EXPECT_EQ(row.line, line);
    EXPECT_EQ(row.input, input);
    EXPECT_EQ(row.output, output);
}

TEST(DataFormat, goes_by_the_ending_unless_told) {
    EXPECT_EQ(data_format("auto", "a/b.CSV"), DataFormat::csv);
    EXPECT_EQ(data_format("auto", "b.jsonl"), DataFormat::jsonl);
    EXPECT_EQ(data_format("auto", "b.tsv"), DataFormat::tsv);
    EXPECT_EQ(data_format("auto", "b.txt"), DataFormat::txt);
    EXPECT_EQ(data_format("txt", "b.csv"), DataFormat::txt);
    EXPECT_EQ(data_format("auto", "b.parquet"), std::nullopt);
    EXPECT_EQ(data_format("auto", "jsonl"), std::nullopt);
}

TEST(ReadDataFile, reads_json_lines_with_texts_numbers_and_booleans) {
    const auto [rows, mistakes] = read("d.jsonl",
                                       "{\"text\": \"gr\\u00fcn\", \"label\": 1}\n\n"
                                       "{\"label\": true, \"other\": [1], \"text\": \"b\\nc\"}\r\n"
                                       "{\"text\": 2.50, \"label\": \"x\"}");
    EXPECT_EQ(mistakes, "");
    ASSERT_THAT(rows, SizeIs(3));
    expect_row(rows[0], 1, "grün", "1");
    expect_row(rows[1], 3, "b\nc", "true");
    expect_row(rows[2], 4, "2.5", "x");
}

TEST(ReadDataFile, names_every_bad_json_line) {
    const auto [rows, mistakes] = read("d.jsonl",
                                       "{\"text\": \"a\", \"label\": 1}\n"
                                       "{\"text\": \"a\", \"label\": }\n"
                                       "[1]\n"
                                       "{\"text\": \"a\", \"lable\": 1}\n"
                                       "{\"text\": null, \"label\": {}}\n");
    EXPECT_THAT(rows, SizeIs(1));
    EXPECT_THAT(mistakes, HasSubstr("d.jsonl:2: expected one JSON object a line, found column 24"));
    EXPECT_THAT(mistakes, HasSubstr("d.jsonl:3: expected one JSON object a line, found array"));
    EXPECT_THAT(mistakes, HasSubstr("d.jsonl:4: key \"label\": expected a text, number or boolean, "
                                    "found no such key (did you mean \"lable\"?)"));
    EXPECT_THAT(mistakes, HasSubstr("d.jsonl:5: key \"text\": expected a text, number or boolean, "
                                    "found null"));
    EXPECT_THAT(mistakes, HasSubstr("d.jsonl:5: key \"label\": expected a text, number or boolean, "
                                    "found object"));
}

TEST(ReadDataFile, reads_csv_by_its_header) {
    const auto [rows, mistakes] = read(
        "d.csv", "id,label,text\r\n7,positive,\"Good, \"\"very\"\"\r\ngood\"\r\n8,negative,bad");
    EXPECT_EQ(mistakes, "");
    ASSERT_THAT(rows, SizeIs(2));
    expect_row(rows[0], 2, "Good, \"very\"\r\ngood", "positive");
    expect_row(rows[1], 4, "bad", "negative");
}

TEST(ReadDataFile, names_missing_columns_and_wrong_numbers_of_fields) {
    const auto [rows, mistakes] = read("d.csv", "txt,label\na,b\nc\nd,e,f\n");
    EXPECT_THAT(rows, IsEmpty());
    EXPECT_EQ(mistakes,
              "d.csv:1: header: expected a column \"text\", found \"txt\", \"label\" (did you mean "
              "\"txt\"?)\n"
              "d.csv:3: expected 2 fields, as the header has, found 1\n"
              "d.csv:4: expected 2 fields, as the header has, found 3");
}

TEST(ReadDataFile, reads_tsv_without_quoting) {
    const auto [rows, mistakes] = read("d.tsv", "text\tlabel\n\"open quote\t1\nb\t0\n");
    EXPECT_EQ(mistakes, "");
    ASSERT_THAT(rows, SizeIs(2));
    expect_row(rows[0], 2, "\"open quote", "1");
    expect_row(rows[1], 3, "b", "0");
}

TEST(ReadDataFile, reads_txt_without_a_header_and_divides_at_the_last_tab) {
    const auto [rows, mistakes] = read("d.txt", "a film\t1\nwith\ta tab\t0");
    EXPECT_EQ(mistakes, "");
    ASSERT_THAT(rows, SizeIs(2));
    expect_row(rows[0], 1, "a film", "1");
    expect_row(rows[1], 2, "with\ta tab", "0");
}

TEST(ReadDataFile, names_txt_lines_without_a_tab) {
    EXPECT_EQ(read("d.txt", "a\t1\nno tab here\n").mistakes,
              "d.txt:2: expected a text, a tab and its answer, found \"no tab here\"");
}

TEST(ReadDataFile, leaves_out_a_byte_order_mark) {
    const auto [rows, mistakes] = read("d.csv", "\xEF\xBB\xBFtext,label\na,b\n");
    EXPECT_EQ(mistakes, "");
    ASSERT_THAT(rows, SizeIs(1));
    expect_row(rows[0], 2, "a", "b");
}

TEST(ReadDataFile, refuses_what_is_not_utf8) {
    EXPECT_EQ(
        read("d.txt", "gr\xFCn\t1\n").mistakes,
        "d.txt:1: expected UTF-8, found \"gr\\xfcn\\x091\" (was the file written as Latin-1 or "
        "Windows-1252?)");
    EXPECT_EQ(read("d.csv", std::string_view{"\xFF\xFEt\0", 4}).mistakes,
              "d.csv:1: expected UTF-8, found a byte order mark of UTF-16");
}

TEST(ReadDataFile, refuses_files_without_rows) {
    EXPECT_EQ(read("d.jsonl", "").mistakes,
              "d.jsonl: expected one example or more, found an empty file");
    EXPECT_EQ(read("d.jsonl", "\n \n").mistakes,
              "d.jsonl: expected one example or more, found none");
    EXPECT_EQ(read("d.csv", "text,label\n").mistakes,
              "d.csv: expected one example or more, found none");
    EXPECT_EQ(read("d.csv", "\xEF\xBB\xBF").mistakes,
              "d.csv: expected one example or more, found an empty file");
}

TEST(ReadDataFile, names_a_missing_file_and_a_folder) {
    const test::TemporaryFolder folder;
    FileMistakes mistakes{"x"};
    EXPECT_THAT(read_data_file(folder / "none.csv", DataFormat::csv, {}, mistakes), IsEmpty());
    EXPECT_THAT(read_data_file(folder.path(), DataFormat::csv, {}, mistakes), IsEmpty());
    Diagnostics diagnostics;
    mistakes.report(diagnostics);
    EXPECT_EQ(diagnostics.text(),
              "x: expected a data file, found no such file\n"
              "x: expected a data file, found something else");
}

TEST(ReadDataFile, shows_twenty_mistakes_and_counts_the_rest) {
    std::string content = "good\t1\n";
    for (int i = 0; i < 25; ++i) content += "bad\n";
    const std::string mistakes = read("d.txt", content).mistakes;
    EXPECT_EQ(std::count(mistakes.begin(), mistakes.end(), '\n'), 20);
    EXPECT_THAT(mistakes, HasSubstr("d.txt:21: expected a text"));
    EXPECT_THAT(mistakes, testing::EndsWith("d.txt:22: and 5 more mistakes from here on"));
}

}  // namespace
}  // namespace evoke::evaluation
