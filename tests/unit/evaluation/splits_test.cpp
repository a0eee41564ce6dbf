#include "evaluation/splits.hpp"

#include <gmock/gmock.h>

#include <set>

namespace evoke::evaluation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Example> numbered(std::size_t count) {
    std::vector<Example> examples;
    for (std::size_t i = 0; i < count; ++i) {
        examples.push_back({.input = "input " + std::to_string(i), .output = "x"});
    }
    return examples;
}

struct Drawn {
    Splits splits;
    std::string mistakes;
};

Drawn draw(const TaskOptions& options, std::span<const Example> examples, const FileSizes& sizes,
           std::uint64_t seed = 7) {
    Diagnostics diagnostics;
    Drawn drawn;
    drawn.splits = draw_splits(options, examples, sizes, seed, diagnostics);
    drawn.mistakes = diagnostics.text();
    return drawn;
}

std::vector<std::uint32_t> values(std::span<const ExampleId> ids) {
    std::vector<std::uint32_t> numbers;
    for (const ExampleId id : ids) numbers.push_back(id.value);
    return numbers;
}

TEST(DrawSplits, takes_all_of_every_file_without_sizes) {
    TaskOptions options;
    options.test = "t";
    options.demonstrations = "d";
    const auto [splits, mistakes] =
        draw(options, numbered(6), {.dev = 3, .test = 2, .demonstrations = 1});
    EXPECT_EQ(mistakes, "");
    EXPECT_THAT(values(splits.dev), ElementsAre(0, 1, 2));
    EXPECT_THAT(values(splits.test), ElementsAre(3, 4));
    EXPECT_THAT(values(splits.demonstrations), ElementsAre(5));
}

TEST(DrawSplits, leaves_out_test_and_demonstrations_with_an_input_of_dev) {
    std::vector<Example> examples = numbered(7);
    examples[3].input = examples[1].input;  // test as dev
    examples[5].input = examples[0].input;  // demonstration as dev
    examples[6].input = examples[4].input;  // demonstration as test
    examples[2].input = examples[1].input;  // twice within dev: stays
    TaskOptions options;
    options.test = "t";
    options.demonstrations = "d";
    const auto [splits, mistakes] =
        draw(options, examples, {.dev = 3, .test = 2, .demonstrations = 2});
    EXPECT_THAT(values(splits.dev), ElementsAre(0, 1, 2));
    EXPECT_THAT(values(splits.test), ElementsAre(4));
    EXPECT_THAT(values(splits.demonstrations), IsEmpty());
    EXPECT_EQ(
        mistakes,
        "task.demonstrations: expected one example or more, found none that is left (examples "
        "whose input stands in another split are left out)");
}

TEST(DrawSplits, divides_one_file_by_sizes) {
    TaskOptions options;
    options.dev_size = 4;
    options.test_size = 3;
    options.demonstration_size = 2;
    const auto [splits, mistakes] = draw(options, numbered(10), {.dev = 10});
    EXPECT_EQ(mistakes, "");
    EXPECT_THAT(splits.dev, SizeIs(4));
    EXPECT_THAT(splits.test, SizeIs(3));
    EXPECT_THAT(splits.demonstrations, SizeIs(2));
    std::set<ExampleId> all{splits.dev.begin(), splits.dev.end()};
    all.insert(splits.test.begin(), splits.test.end());
    all.insert(splits.demonstrations.begin(), splits.demonstrations.end());
    EXPECT_THAT(all, SizeIs(9));
}

TEST(DrawSplits, gives_dev_the_rest_of_a_file_it_shares) {
    TaskOptions options;
    options.test_size = 3;
    std::vector<Example> examples = numbered(10);
    const Splits before = draw(options, examples, {.dev = 10}).splits;
    EXPECT_THAT(before.test, SizeIs(3));
    EXPECT_THAT(before.dev, SizeIs(7));
    // A second line with an input of test leaves dev.
    examples[before.dev[0].value].input = examples[before.test[0].value].input;
    const Splits after = draw(options, examples, {.dev = 10}).splits;
    EXPECT_THAT(after.dev, SizeIs(6));
}

TEST(DrawSplits, dev_does_not_change_with_the_size_of_test) {
    TaskOptions options;
    options.dev_size = 4;
    const auto alone = draw(options, numbered(10), {.dev = 10}).splits.dev;
    options.test_size = 5;
    EXPECT_EQ(draw(options, numbered(10), {.dev = 10}).splits.dev, alone);
}

TEST(DrawSplits, is_a_function_of_the_seed) {
    TaskOptions options;
    options.dev_size = 5;
    const auto one = draw(options, numbered(100), {.dev = 100}, 1).splits.dev;
    EXPECT_EQ(draw(options, numbered(100), {.dev = 100}, 1).splits.dev, one);
    EXPECT_NE(draw(options, numbered(100), {.dev = 100}, 2).splits.dev, one);
}

TEST(DrawSplits, names_sizes_that_the_file_cannot_give) {
    TaskOptions options;
    options.dev_size = 8;
    options.test_size = 5;
    options.demonstration_size = 1;
    EXPECT_EQ(draw(options, numbered(10), {.dev = 10}).mistakes,
              "task.test_size: expected at most 2, found 5\n"
              "task.demonstration_size: expected at most 0, found 1");
}

TEST(DrawBlocks, divides_evenly_and_covers_everything_once) {
    std::vector<ExampleId> ids;
    for (std::uint32_t i = 0; i < 11; ++i) ids.emplace_back(100 + i);
    const auto blocks = draw_blocks(ids, 3, 7);
    ASSERT_THAT(blocks, SizeIs(3));
    std::set<ExampleId> all;
    for (std::uint32_t b = 0; b < 3; ++b) {
        EXPECT_EQ(blocks[b].number, b);
        EXPECT_GE(blocks[b].examples.size(), 3U);
        EXPECT_LE(blocks[b].examples.size(), 4U);
        EXPECT_TRUE(std::is_sorted(blocks[b].examples.begin(), blocks[b].examples.end()));
        all.insert(blocks[b].examples.begin(), blocks[b].examples.end());
    }
    EXPECT_THAT(all, SizeIs(11));
    EXPECT_NE(draw_blocks(ids, 3, 8), blocks);
    EXPECT_EQ(draw_blocks(ids, 3, 7), blocks);
}

TEST(DrawBlocks, a_single_block_is_everything_in_order) {
    const std::vector<ExampleId> ids{ExampleId{3}, ExampleId{5}};
    EXPECT_EQ(draw_blocks(ids, 1, 7)[0].examples, ids);
}

}  // namespace
}  // namespace evoke::evaluation
