#include "evoke/text/json_file.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "evoke/core/error.hpp"

namespace evoke::text {
namespace {

using ::testing::HasSubstr;

std::string complaint(std::string_view content, std::string_view part = {}) {
    try {
        (void)parse_json(content, "a.json", part);
    } catch (const LoadError& error) {
        return error.what();
    }
    return "it was read";
}

TEST(JsonFile, a_mistake_is_named_with_its_line) {
    EXPECT_EQ(complaint("{\n\"a\": nul\n}"), "a.json: not valid JSON: mistake in line 2 (byte 11)");
    EXPECT_EQ(complaint("{\n\"a\": 1\n"),
              "a.json: not valid JSON: the file ends too early, in line 3 (byte 10)");
    EXPECT_EQ(complaint(""), "a.json: not valid JSON: the file is empty");
    EXPECT_EQ(complaint("x", "the header"),
              "a.json: the header: not valid JSON: mistake in line 1 (byte 1)");
}

TEST(JsonFile, a_number_out_of_range_is_no_bug) {
    EXPECT_EQ(complaint("{\"a\": 1e999}"), "a.json: not valid JSON: a number is out of range");
}

TEST(JsonFile, what_is_nested_too_deeply_to_be_walked_is_refused) {
    const std::string deep(100'000, '[');
    EXPECT_EQ(complaint("{\n\"a\": " + deep + std::string(100'000, ']') + "}"),
              "a.json: nested more than 64 deep in line 2");
    EXPECT_EQ(complaint(deep), "a.json: nested more than 64 deep in line 1");
    const std::string allowed = std::string(64, '[') + std::string(64, ']');
    EXPECT_EQ(complaint(allowed), "it was read");
    // Brackets in strings nest nothing.
    EXPECT_EQ(complaint("[\"" + deep + "\\\"" + deep + "\"]"), "it was read");
}

}  // namespace
}  // namespace evoke::text
