#include "evoke/population/genome.hpp"

#include <gtest/gtest.h>

#include <set>

namespace evoke::population {
namespace {

Genome genome() {
    return {.instruction = "Classify the review.",
            .demonstrations = {ExampleId{7}, ExampleId{3}},
            .tokens = {5, -1}};
}

TEST(Genome, content_hash_is_the_same_on_every_machine_and_version) {
    EXPECT_EQ(to_string(content_hash(Genome{})), "13cc5c6b18d3ec7615eda774ef105ac2");
    EXPECT_EQ(to_string(content_hash(genome())), "746fac30810f405c843c567dab4f8502");
}

TEST(Genome, content_hash_differs_with_every_part_and_its_place) {
    std::set<ContentHash> hashes;
    Genome changed = genome();
    hashes.insert(content_hash(changed));
    changed.instruction += ' ';
    hashes.insert(content_hash(changed));
    changed = genome();
    std::swap(changed.demonstrations[0], changed.demonstrations[1]);
    hashes.insert(content_hash(changed));
    changed = genome();
    changed.tokens = {5, 1};
    hashes.insert(content_hash(changed));
    // The same numbers as demonstrations or as tokens are not the same genome.
    hashes.insert(content_hash({.instruction = "a", .demonstrations = {ExampleId{5}}}));
    hashes.insert(content_hash({.instruction = "a", .tokens = {5}}));
    EXPECT_EQ(hashes.size(), 6U);
}

}  // namespace
}  // namespace evoke::population
