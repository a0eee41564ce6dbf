#include "text/decoder.hpp"

#include <gtest/gtest.h>

#include "evoke/core/error.hpp"
#include "json_literal.hpp"

namespace evoke::text {
namespace {

std::string decoded(std::string_view json, std::vector<std::string> tokens) {
    const JsonLiteral literal{json};
    return Decoder{literal.part()}.apply(std::move(tokens));
}

TEST(Decoder, without_steps_tokens_are_joined_with_spaces) {
    EXPECT_EQ(Decoder{}.apply({"a", "b"}), "a b");
}

TEST(Decoder, byte_level_joins_bytes_before_it_reads_characters) {
    EXPECT_EQ(decoded(R"({"type":"ByteLevel"})", {"\u00c3", "\u00a9", "\u0120a", "\u6f22"}),
              "\u00e9 a\u6f22");
    EXPECT_EQ(decoded(R"({"type":"ByteLevel"})", {"\u00c3", "a"}), "\uFFFDa");
}

TEST(Decoder, byte_fallback_reads_runs_of_byte_tokens) {
    EXPECT_EQ(decoded(R"({"type":"ByteFallback"})", {"x", "<0xC3>", "<0xA9>", "y"}), "x\u00e9y");
    EXPECT_EQ(decoded(R"({"type":"ByteFallback"})", {"<0xC3>", "<0xC3>"}), "\uFFFD\uFFFD");
    EXPECT_EQ(decoded(R"({"type":"ByteFallback"})", {"<0xZZ>", "<0x1>"}), "<0xZZ><0x1>");
}

TEST(Decoder, llama_undoes_its_spaces_but_for_the_first) {
    const auto json = R"({"type":"Sequence","decoders":[
        {"type":"Replace","pattern":{"String":"_"},"content":" "},{"type":"ByteFallback"},
        {"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]})";
    EXPECT_EQ(decoded(json, {"_a", "_", "_b"}), "a  b");
}

TEST(Decoder, word_piece_joins_continuations_and_cleans_up) {
    EXPECT_EQ(decoded(R"({"type":"WordPiece","prefix":"##","cleanup":true})",
                      {"un", "##able", "do", "not", "."}),
              "unable do not.");
    EXPECT_EQ(decoded(R"({"type":"WordPiece","prefix":"##","cleanup":false})", {"a", "."}), "a .");
}

TEST(Decoder, metaspace_drops_only_the_first_sign) {
    EXPECT_EQ(decoded(R"({"type":"Metaspace","replacement":"_","prepend_scheme":"always"})",
                      {"_a", "_b"}),
              "a b");
    EXPECT_EQ(
        decoded(R"({"type":"Metaspace","replacement":"_","prepend_scheme":"never"})", {"_a", "_b"}),
        " a b");
}

TEST(Decoder, an_unknown_one_is_refused) {
    EXPECT_THROW(decoded(R"({"type":"CTC"})", {}), LoadError);
}

TEST(Decoder, an_empty_sign_is_refused) {
    EXPECT_THROW(decoded(R"({"type":"Metaspace","replacement":""})", {"a"}), LoadError);
    EXPECT_THROW(decoded(R"({"type":"BPEDecoder","suffix":""})", {"a"}), LoadError);
}

TEST(Decoder, strip_takes_no_more_than_there_is) {
    const auto json = R"({"type":"Strip","content":"x","start":2,"stop":1})";
    EXPECT_EQ(decoded(json, {"xxxaxx", "|", "x", "|", ""}), "xax||");
}

}  // namespace
}  // namespace evoke::text
