#include "evoke/core/error.hpp"

#include <gtest/gtest.h>

namespace evoke {
namespace {

TEST(Diagnostic, text_reads_place_thing_expected_found_hint) {
    const Diagnostic full{.file = "job.toml",
                          .line = 12,
                          .what = "search.population",
                          .expected = "an integer from 2",
                          .found = "\"ten\"",
                          .hint = "did you mean 10?"};
    EXPECT_EQ(full.text(),
              "job.toml:12: search.population: expected an integer from 2, found \"ten\" "
              "(did you mean 10?)");
}

TEST(Diagnostic, text_leaves_out_what_is_not_known) {
    EXPECT_EQ((Diagnostic{.file = "a.csv", .found = "no header"}).text(), "a.csv: found no header");
    EXPECT_EQ((Diagnostic{.what = "--ranks", .expected = "a number"}).text(),
              "--ranks: expected a number");
    EXPECT_EQ((Diagnostic{.what = "serch", .hint = "did you mean 'search'?"}).text(),
              "serch (did you mean 'search'?)");
    EXPECT_EQ(Diagnostic{}.text(), "");
}

TEST(Diagnostics, text_is_ordered_by_file_and_line) {
    Diagnostics diagnostics;
    diagnostics.add({.file = "b", .line = 1, .what = "third"});
    diagnostics.add({.file = "a", .line = 10, .what = "second"});
    diagnostics.add({.file = "a", .line = 9, .what = "first"});
    diagnostics.add({.file = "b", .line = 1, .what = "fourth"});
    EXPECT_EQ(diagnostics.text(), "a:9: first\na:10: second\nb:1: third\nb:1: fourth");
}

TEST(Diagnostics, append_keeps_everything) {
    Diagnostics all;
    all.add({.what = "one"});
    Diagnostics more;
    more.add({.what = "two"});
    all.append(more);
    all.append(all);
    EXPECT_EQ(all.text(), "one\ntwo\none\ntwo");
}

TEST(Diagnostics, throw_if_any_throws_all_of_them_at_once) {
    Diagnostics diagnostics;
    EXPECT_TRUE(diagnostics.empty());
    EXPECT_NO_THROW(diagnostics.throw_if_any());
    diagnostics.add({.what = "one"});
    diagnostics.add({.what = "two"});
    try {
        diagnostics.throw_if_any();
        FAIL() << "nothing was thrown";
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(), "one\ntwo");
        EXPECT_EQ(error.code(), ExitCode::bad_input);
        EXPECT_EQ(error.diagnostics().items().size(), 2U);
    }
}

TEST(Error, kinds_carry_their_exit_codes) {
    EXPECT_EQ(static_cast<int>(InputError{"x"}.code()), 2);
    EXPECT_EQ(static_cast<int>(InputError{Diagnostic{.what = "x"}}.code()), 2);
    EXPECT_EQ(static_cast<int>(LoadError{"m", "x"}.code()), 3);
    EXPECT_EQ(static_cast<int>(RunFolderError{"r", "x"}.code()), 4);
    EXPECT_EQ(static_cast<int>(EnvironmentError{"x"}.code()), 5);
}

TEST(Error, messages_name_the_file) {
    EXPECT_STREQ((LoadError{"models/a", "truncated"}).what(), "models/a: truncated");
    EXPECT_STREQ((RunFolderError{"runs/a", "is locked"}).what(), "runs/a: is locked");
}

constexpr std::array<std::string_view, 4> keys{"population", "generations", "seed", "algorithm"};

TEST(NearestName, finds_the_name_that_was_meant) {
    EXPECT_EQ(nearest_name("popluation", keys), "population");
    EXPECT_EQ(nearest_name("generation", keys), "generations");
    EXPECT_EQ(nearest_name("sed", keys), "seed");
    EXPECT_EQ(nearest_name("algoritm", keys), "algorithm");
    EXPECT_EQ(nearest_name("Population", keys), "population");
}

TEST(NearestName, is_silent_when_nothing_is_near) {
    EXPECT_EQ(nearest_name("temperature", keys), std::nullopt);
    EXPECT_EQ(nearest_name("", keys), std::nullopt);
    EXPECT_EQ(nearest_name("x", std::array<std::string_view, 1>{"y"}), std::nullopt);
    EXPECT_EQ(nearest_name("seed", {}), std::nullopt);
}

TEST(NearestName, a_swap_of_neighbours_is_one_mistake) {
    EXPECT_EQ(nearest_name("ab", std::array<std::string_view, 1>{"ba"}), "ba");
    EXPECT_EQ(nearest_name("esed", keys), "seed");
}

TEST(NearestName, of_two_equally_near_the_first_known_wins) {
    EXPECT_EQ(nearest_name("cat", std::array<std::string_view, 2>{"car", "bat"}), "car");
    EXPECT_EQ(nearest_name("cats", std::array<std::string_view, 2>{"bats", "cats"}), "cats");
}

TEST(LoadError, a_message_is_one_line_whatever_a_damaged_file_holds) {
    EXPECT_STREQ(LoadError("w.bin", "tensor 'a\nb\x1b[31m\x7f'").what(),
                 "w.bin: tensor 'a\\nb\\x1b[31m\\x7f'");
}

}  // namespace
}  // namespace evoke
