// docs/checkpoint-format.md describes the file that is written: no more, no less.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "checkpoint/encode.hpp"
#include "evoke/core/file.hpp"
#include "support/sample_generation.hpp"

namespace evoke::checkpoint {
namespace {

struct Row {
    std::string type;
    std::size_t dimensions = 0;
    std::string unit;
    bool in_digest = false;
};

std::string trimmed(std::string text) {
    const auto visible = [](char c) { return c != ' ' && c != '`'; };
    text.erase(text.begin(), std::ranges::find_if(text, visible));
    text.erase(std::find_if(text.rbegin(), text.rend(), visible).base(), text.end());
    return text;
}

/// Rows of the document's tables by path.
std::map<std::string, Row> documented() {
    std::map<std::string, Row> rows;
    std::istringstream lines{read_text_file(std::string{EVOKE_DOCS} + "/checkpoint-format.md")};
    std::string line;
    while (std::getline(lines, line)) {
        if (!line.starts_with("| `/")) continue;
        std::vector<std::string> cells;
        std::istringstream parts{line.substr(1)};
        std::string cell;
        while (std::getline(parts, cell, '|')) cells.push_back(trimmed(cell));
        EXPECT_EQ(cells.size(), 6U) << line;
        const std::string& shape = cells.at(2);
        const auto commas = static_cast<std::size_t>(std::ranges::count(shape, ','));
        rows[cells.at(0)] = {.type = cells.at(1),
                             .dimensions = shape == "[]" ? 0 : commas + 1,
                             .unit = cells.at(3),
                             .in_digest = cells.at(4) == "yes"};
    }
    return rows;
}

/// The row under which a path stands: tables of one kind are documented once.
std::string documented_path(const std::string& path) {
    for (const auto& [prefix, stands_for] :
         {std::pair{"/archive/test/", "/scores/"}, std::pair{"/archive/", "/population/"},
          std::pair{"/born/", "/population/"}})
        if (path.starts_with(prefix)) return stands_for + path.substr(std::string{prefix}.size());
    return path;
}

TEST(Document, tells_type_shape_unit_and_digest_of_every_dataset) {
    const Tree tree = encode(test::sample_generation(3, ""));
    const auto rows = documented();
    std::map<std::string, std::string> ragged;
    for (const Group& group : tree.groups)
        if (group.encoding == "text" || group.encoding == "list")
            ragged[group.path] = group.encoding;

    std::set<std::string> met;
    for (const Column& column : tree.columns) {
        const std::string parent = column.path.substr(0, column.path.rfind('/'));
        const bool is_ragged = ragged.contains(parent);
        const std::string path = documented_path(is_ragged ? parent : column.path);
        ASSERT_TRUE(rows.contains(path)) << path << " is not documented";
        const Row& row = rows.at(path);
        met.insert(path);
        const bool is_test = column.path.starts_with("/archive/test/");
        EXPECT_EQ(column.scientific, row.in_digest && !is_test) << column.path;
        if (is_ragged) {
            const bool is_offsets = column.path.ends_with("/offsets");
            const std::string type{is_offsets ? "u64" : type_name(column.numbers)};
            EXPECT_EQ(type_name(column.numbers), type);
            if (!is_offsets) {
                EXPECT_EQ(row.type, ragged[parent] == "text" ? "text" : "list of " + type) << path;
            }
            continue;
        }
        EXPECT_NE(row.type.find(type_name(column.numbers)), std::string::npos) << path;
        EXPECT_EQ(column.shape.size(), row.dimensions) << path;
        EXPECT_EQ(column.unit, row.unit) << path;
    }
    for (const auto& [path, row] : rows)
        EXPECT_TRUE(met.contains(path)) << path << " is documented but not written";
}

TEST(Document, names_every_encoding_and_attribute) {
    const Tree tree = encode(test::sample_generation(3, ""));
    const std::string text = read_text_file(std::string{EVOKE_DOCS} + "/checkpoint-format.md");
    for (const Group& group : tree.groups)
        EXPECT_NE(text.find("`" + group.encoding + "`"), std::string::npos) << group.encoding;
    for (const auto& [name, value] : tree.attributes)
        EXPECT_NE(text.find("`" + name + "`"), std::string::npos) << name;
}

}  // namespace
}  // namespace evoke::checkpoint
