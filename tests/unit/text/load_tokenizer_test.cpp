#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "evoke/core/error.hpp"
#include "evoke/text/tokenizer.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A Llama-like tokenizer of ten tokens.
constexpr std::string_view small = R"({
  "version": "1.0", "truncation": {"max_length": 2}, "padding": null,
  "added_tokens": [
    {"id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
     "normalized": false, "special": true},
    {"id": 1, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
     "normalized": true, "special": true},
    {"id": 9, "content": "<note>", "single_word": false, "lstrip": false, "rstrip": false,
     "normalized": false, "special": false}],
  "normalizer": {"type": "Sequence", "normalizers": [
    {"type": "Prepend", "prepend": "_"},
    {"type": "Replace", "pattern": {"String": " "}, "content": "_"}]},
  "pre_tokenizer": null,
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
  "decoder": {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "_"}, "content": " "}, {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
  "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": false,
    "vocab": {"<unk>": 0, "<s>": 1, "_": 2, "a": 3, "b": 4, "ab": 5, "_ab": 6, "_a": 7},
    "merges": ["a b", "_ ab", "_ a"]}
})";

class LoadTokenizer : public testing::Test {
protected:
    std::unique_ptr<Tokenizer> load(std::string_view json) {
        folder_.write("tokenizer.json", json);
        return load_tokenizer(folder_.path());
    }
    std::string complaint(std::string_view json) {
        try {
            (void)load(json);
        } catch (const LoadError& error) {
            return error.what();
        }
        return "it was loaded";
    }

    test::TemporaryFolder folder_;
};

TEST_F(LoadTokenizer, encodes_normalizes_merges_and_adds_what_the_file_says) {
    const auto tokenizer = load(small);
    EXPECT_THAT(tokenizer->encode("ab a", false), ElementsAre(6, 7));
    EXPECT_THAT(tokenizer->encode("ab a", true), ElementsAre(1, 6, 7));
    EXPECT_THAT(tokenizer->encode("", true), ElementsAre(1));
    EXPECT_THAT(tokenizer->encode("xy", false), ElementsAre(2, 0));
}

TEST_F(LoadTokenizer, tokens_spelled_out_in_the_text_are_found) {
    const auto tokenizer = load(small);
    EXPECT_THAT(tokenizer->encode("a<note>b<unk>", false), ElementsAre(7, 9, 2, 4, 0));
    // A normalized token is sought in the normalized text, spelled "_<s>" there.
    EXPECT_THAT(tokenizer->encode("<s>a", false), ElementsAre(1, 3));
}

TEST_F(LoadTokenizer, decodes_with_and_without_special_tokens) {
    const auto tokenizer = load(small);
    const std::vector<TokenId> ids{1, 6, 9, 7, 0};
    EXPECT_EQ(tokenizer->decode(ids, false), "<s> ab<note> a<unk>");
    EXPECT_EQ(tokenizer->decode(ids, true), "ab<note> a");
    const std::vector<TokenId> strange{-1, 3, 8, 1000};
    EXPECT_EQ(tokenizer->decode(strange, false), "a");
}

TEST_F(LoadTokenizer, bytes_that_are_no_text_are_read_as_replacement_characters) {
    const auto tokenizer = load(small);
    EXPECT_EQ(tokenizer->encode("a\xFF"
                                "b",
                                false),
              tokenizer->encode("a\uFFFDb", false));
}

TEST_F(LoadTokenizer, describes_its_vocabulary) {
    const auto tokenizer = load(small);
    EXPECT_EQ(tokenizer->vocabulary_size(), 10U);
    EXPECT_EQ(tokenizer->token(6), "_ab");
    EXPECT_EQ(tokenizer->token(9), "<note>");
    EXPECT_EQ(tokenizer->token(8), "");
    EXPECT_EQ(tokenizer->token(-5), "");
    EXPECT_TRUE(tokenizer->is_special(1));
    EXPECT_FALSE(tokenizer->is_special(9));
    EXPECT_FALSE(tokenizer->is_special(77));
}

TEST_F(LoadTokenizer, named_tokens_come_from_the_first_settings_that_mention_them) {
    EXPECT_EQ(load(small)->bos(), std::nullopt);
    folder_.write("config.json", R"({"bos_token_id": 3, "eos_token_id": [4, 5]})");
    EXPECT_EQ(load(small)->bos(), 3);
    EXPECT_EQ(load(small)->eos(), std::nullopt);
    folder_.write("special_tokens_map.json",
                  R"({"bos_token": {"content": "<s>"}, "eos_token": "b"})");
    EXPECT_EQ(load(small)->bos(), 1);
    EXPECT_EQ(load(small)->eos(), 4);
    folder_.write("tokenizer_config.json", R"({"bos_token": null, "eos_token": "<note>"})");
    EXPECT_EQ(load(small)->bos(), std::nullopt);
    EXPECT_EQ(load(small)->eos(), 9);
}

TEST_F(LoadTokenizer, identity_is_the_content) {
    const Sha256 first = load(small)->identity();
    EXPECT_EQ(load(small)->identity(), first);
    folder_.write("tokenizer_config.json", R"({"bos_token": "<s>"})");
    EXPECT_NE(load(small)->identity(), first);
    std::string other{small};
    other.replace(other.find("\"_ a\""), 5, "\"a _\"");
    other.replace(other.find("\"_a\""), 4, "\"a_\"");
    EXPECT_NE(load(other)->identity(), first);
}

TEST_F(LoadTokenizer, a_missing_file_is_named) {
    try {
        (void)load_tokenizer(folder_.path());
        FAIL();
    } catch (const LoadError& error) {
        EXPECT_THAT(error.what(), HasSubstr("no tokenizer.json, nor vocab.json with merges.txt"));
    }
}

TEST_F(LoadTokenizer, a_folder_that_is_not_there_is_said_to_be_missing) {
    try {
        (void)load_tokenizer(folder_ / "none");
        FAIL();
    } catch (const LoadError& error) {
        EXPECT_THAT(error.what(), HasSubstr("none: no such folder"));
    }
}

TEST_F(LoadTokenizer, an_id_far_beyond_the_tokens_is_refused_before_it_takes_memory) {
    EXPECT_THAT(complaint(R"({"model": {"vocab": {"a": 0, "b": 16777215}, "merges": []}})"),
                HasSubstr("model.vocab: the token 'b' has the id 16777215 among 2 tokens"));
}

TEST_F(LoadTokenizer, a_file_that_is_not_json_says_where) {
    EXPECT_THAT(complaint(""), HasSubstr("tokenizer.json: not valid JSON: the file is empty"));
    EXPECT_THAT(complaint("{\n\"model\": nul\n}"), HasSubstr("not valid JSON: mistake in line 2"));
    EXPECT_THAT(complaint("[]"), HasSubstr("expected an object"));
    EXPECT_THAT(complaint("{}"), HasSubstr("'model' is missing"));
    EXPECT_THAT(complaint("{\"model\": \"\xFF\"}"), HasSubstr("not valid JSON"));
}

TEST_F(LoadTokenizer, a_file_cut_anywhere_is_refused_in_one_line) {
    for (std::size_t size = 0; size + 2 < small.size(); size += 7) {
        const std::string message = complaint(small.substr(0, size));
        EXPECT_THAT(message, HasSubstr("not valid JSON")) << size;
        EXPECT_EQ(message.find('\n'), std::string::npos);
    }
}

TEST_F(LoadTokenizer, a_damaged_file_is_loaded_or_refused_but_never_crashes) {
    std::uint64_t state = 7;
    int refused = 0;
    for (int round = 0; round < 600; ++round) {
        std::string damaged{small};
        for (int i = 0; i < 3; ++i) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            damaged[(state >> 33U) % damaged.size()] = static_cast<char>((state >> 20U) & 0x7FU);
        }
        try {
            const auto tokenizer = load(damaged);
            (void)tokenizer->decode(tokenizer->encode("ab <s> a", true), false);
        } catch (const Error& error) {
            EXPECT_EQ(std::string_view{error.what()}.find('\n'), std::string_view::npos);
            ++refused;
        }
    }
    EXPECT_GT(refused, 300);
}

TEST_F(LoadTokenizer, unknown_parts_are_named) {
    EXPECT_THAT(complaint(R"({"model": {"vocab": {}, "merges": []}, "novelty": 1})"),
                HasSubstr("tokenizer.json: 'novelty' is not supported"));
    EXPECT_THAT(complaint(R"({"model": {"type": "Mixer", "vocab": {}}})"),
                HasSubstr("tokenizer.json: model: the model 'Mixer' is not supported"));
}

TEST_F(LoadTokenizer, vocabulary_and_merges_files_stand_in_for_tokenizer_json) {
    folder_.write("vocab.json", R"({"a": 0, "b": 1, "ab": 2, "\u0120": 3, "\u0120a": 4})");
    folder_.write("merges.txt", "#version: 0.2\na b\r\n\u0120 a\n");
    folder_.write("added_tokens.json", R"({"<x>": 5})");
    EXPECT_THAT(load_tokenizer(folder_.path())->encode("ab a<x>", false), ElementsAre(2, 4, 5));

    folder_.write("tokenizer_config.json", R"({"tokenizer_class": "Qwen2TokenizerFast",
        "added_tokens_decoder": {"5": {"content": "<y>", "special": true}}})");
    const auto qwen = load_tokenizer(folder_.path());
    EXPECT_THAT(qwen->encode("ab a<y>", false), ElementsAre(2, 4, 5));
    EXPECT_TRUE(qwen->is_special(5));

    folder_.write("tokenizer_config.json", R"({"tokenizer_class": "OddTokenizer"})");
    EXPECT_THROW((void)load_tokenizer(folder_.path()), LoadError);
    folder_.write("tokenizer_config.json", R"({"tokenizer_class": "RobertaTokenizer"})");
    EXPECT_THROW((void)load_tokenizer(folder_.path()), LoadError);
}

TEST_F(LoadTokenizer, threads_share_one) {
    const auto tokenizer = load(small);
    const std::vector<TokenId> expected = tokenizer->encode("ab a ab<note>a b", true);
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (int& count : wrong) {
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                if (tokenizer->encode("ab a ab<note>a b", true) != expected) ++count;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
}

}  // namespace
}  // namespace evoke::text
