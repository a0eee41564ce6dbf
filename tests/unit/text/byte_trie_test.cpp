#include "text/byte_trie.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace evoke::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::pair<std::size_t, int>> prefixes(const ByteTrie& trie, std::string_view text) {
    std::vector<std::pair<std::size_t, int>> found;
    trie.prefixes_of(text,
                     [&](std::size_t length, int value) { found.emplace_back(length, value); });
    return found;
}

TEST(ByteTrie, gives_every_prefix_the_shortest_first) {
    ByteTrie trie;
    trie.insert("abc", 1);
    trie.insert("a", 2);
    trie.insert("abx", 3);
    EXPECT_THAT(prefixes(trie, "abcd"), ElementsAre(Pair(1, 2), Pair(3, 1)));
    EXPECT_THAT(prefixes(trie, "b"), IsEmpty());
    EXPECT_THAT(prefixes(trie, ""), IsEmpty());
}

TEST(ByteTrie, holds_many_strings) {
    ByteTrie trie;
    for (int i = 0; i < 5000; ++i) trie.insert(std::to_string(i) + ";", i);
    for (int i = 0; i < 5000; i += 7) {
        const std::string text = std::to_string(i) + ";";
        EXPECT_THAT(prefixes(trie, text + "0"), ElementsAre(Pair(text.size(), i)));
    }
}

}  // namespace
}  // namespace evoke::text
