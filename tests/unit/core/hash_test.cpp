#include "evoke/core/hash.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <unordered_set>

#include "evoke/core/error.hpp"
#include "support/temporary_folder.hpp"

namespace evoke {
namespace {

constexpr std::string_view sha_of_abc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, gives_the_published_answers) {
    EXPECT_EQ(to_hex(sha256({})),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), sha_of_abc);
}

TEST(Sha256, of_a_file_is_that_of_its_bytes) {
    const test::TemporaryFolder folder;
    EXPECT_EQ(to_hex(sha256_file(folder.write("abc", "abc"))), sha_of_abc);
    EXPECT_EQ(sha256_file(folder.write("empty", "")), sha256({}));
    EXPECT_THROW((void)sha256_file(folder / "missing"), LoadError);
}

TEST(Sha256Stream, raw_pieces_are_joined) {
    EXPECT_EQ(to_hex(Sha256Stream{}.raw(as_bytes("a")).raw(as_bytes("bc")).finish()), sha_of_abc);
}

TEST(Sha256Stream, fields_are_kept_apart_by_their_lengths) {
    const auto ab_c = Sha256Stream{}.field("ab").field("c").finish();
    const auto a_bc = Sha256Stream{}.field("a").field("bc").finish();
    EXPECT_NE(ab_c, a_bc);
    const std::string_view written{"\x02\0\0\0\0\0\0\0ab\x01\0\0\0\0\0\0\0c", 19};
    EXPECT_EQ(ab_c, sha256(as_bytes(written)));
}

TEST(Sha256Stream, numbers_are_fields_of_little_endian_bytes) {
    const std::string_view number{"\x08\0\0\0\0\0\0\0\x02\x01\0\0\0\0\0\0", 16};
    EXPECT_EQ(Sha256Stream{}.field(std::uint64_t{0x0102}).finish(), sha256(as_bytes(number)));
    const std::string_view one_and_a_half{"\x04\0\0\0\0\0\0\0\0\0\xc0\x3f", 12};
    EXPECT_EQ(Sha256Stream{}.field(1.5F).finish(), sha256(as_bytes(one_and_a_half)));
}

TEST(Sha256Stream, every_nan_counts_as_one_value_but_the_zeros_differ) {
    const auto hashed = [](double value) { return Sha256Stream{}.field(value).finish(); };
    EXPECT_EQ(hashed(std::nan("1")), hashed(-std::nan("2")));
    EXPECT_NE(hashed(0.0), hashed(-0.0));
    const auto narrow = [](float value) { return Sha256Stream{}.field(value).finish(); };
    EXPECT_EQ(narrow(std::nanf("1")), narrow(-std::nanf("2")));
}

// The values xxHash itself documents for XXH3 with seed 0.
TEST(ContentHash, gives_the_published_answers) {
    EXPECT_EQ(to_string(content_hash({})), "99aa06d3014798d86001c324468d497f");
    EXPECT_EQ(to_string(content_hash(as_bytes("abc"))), "06b05ab6733a618578af5f94892f3950");
    EXPECT_EQ(checksum64({}), 0x2d06800538d394c2U);
    EXPECT_EQ(checksum64(as_bytes("abc")), 0x78af5f94892f3950U);
}

TEST(ContentHash, can_be_a_key) {
    const std::unordered_set<ContentHash> hashes{content_hash(as_bytes("a")),
                                                 content_hash(as_bytes("b"))};
    EXPECT_TRUE(hashes.contains(content_hash(as_bytes("b"))));
    EXPECT_FALSE(hashes.contains(content_hash(as_bytes("c"))));
}

TEST(ContentHasher, fields_are_kept_apart_by_their_lengths) {
    EXPECT_NE(ContentHasher{}.field("ab").field("c").finish(),
              ContentHasher{}.field("a").field("bc").finish());
    EXPECT_NE(ContentHasher{}.field("").finish(), ContentHasher{}.finish());
}

TEST(ContentHasher, every_kind_of_field_counts) {
    const ContentHash some = content_hash(as_bytes("some"));
    const auto hash = [&](std::uint64_t number, double real, const ContentHash& inner) {
        return ContentHasher{}.field(number).field(real).field(inner).finish();
    };
    EXPECT_EQ(hash(1, 2.0, some), hash(1, 2.0, some));
    EXPECT_NE(hash(1, 2.0, some), hash(2, 2.0, some));
    EXPECT_NE(hash(1, 2.0, some), hash(1, 2.5, some));
    EXPECT_NE(hash(1, 2.0, some), hash(1, 2.0, ContentHash{}));
}

}  // namespace
}  // namespace evoke
