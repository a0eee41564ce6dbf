#include "lm/safetensors.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <string>

#include "evoke/core/error.hpp"

namespace evoke::lm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string file_of(const std::string& header, std::size_t data_size) {
    const std::uint64_t length = header.size();
    std::string file(sizeof length, '\0');
    std::memcpy(file.data(), &length, sizeof length);
    return file + header + std::string(data_size, '\x01');
}

std::string refusal(const std::string& file) {
    try {
        (void)read_safetensors("w.safetensors", as_bytes(file));
    } catch (const LoadError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Safetensors, finds_tensors_by_name) {
    const std::string file = file_of(
        R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[3],"data_offsets":[8,14]},)"
        R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})",
        14);
    const auto tensors = read_safetensors("w.safetensors", as_bytes(file));
    ASSERT_EQ(tensors.size(), 2);
    EXPECT_EQ(tensors.at("a").type, StoredType::float32);
    EXPECT_THAT(tensors.at("a").shape, ElementsAre(2, 1));
    EXPECT_EQ(tensors.at("a").bytes.size(), 8);
    EXPECT_EQ(tensors.at("b").type, StoredType::bfloat16);
    EXPECT_EQ(tensors.at("b").elements(), 3);
    EXPECT_EQ(tensors.at("b").bytes.data(), tensors.at("a").bytes.data() + 8);
}

TEST(Safetensors, a_scalar_and_an_empty_tensor_are_tensors) {
    const std::string file = file_of(R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                                     R"("e":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]}})",
                                     4);
    const auto tensors = read_safetensors("w.safetensors", as_bytes(file));
    EXPECT_EQ(tensors.at("s").elements(), 1);
    EXPECT_EQ(tensors.at("e").elements(), 0);
}

TEST(Safetensors, a_file_too_short_for_its_length_is_refused) {
    EXPECT_THAT(refusal("abc"), HasSubstr("not a safetensors file: 3 bytes"));
}

TEST(Safetensors, a_header_length_beyond_the_file_is_refused) {
    std::string file = file_of("{}", 0);
    file[0] = 100;
    EXPECT_THAT(refusal(file), HasSubstr("the header claims 100 bytes, the file holds 2"));
    file[7] = '\x7f';
    EXPECT_THAT(refusal(file), HasSubstr("not a safetensors file"));
}

TEST(Safetensors, a_header_that_is_not_a_json_object_is_refused) {
    EXPECT_THAT(refusal(file_of("{\"a\":", 0)), HasSubstr("not valid JSON"));
    EXPECT_THAT(refusal(file_of("[1]", 0)), HasSubstr("not a JSON object"));
    EXPECT_THAT(refusal(file_of(R"({"a":7})", 0)), HasSubstr("tensor 'a': expected a JSON object"));
}

TEST(Safetensors, an_entry_without_its_parts_is_refused) {
    EXPECT_THAT(refusal(file_of(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4)),
                HasSubstr("tensor 'a': dtype: expected a name"));
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4)),
                HasSubstr("tensor 'a': shape: expected a list of sizes"));
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[1]}})", 4)),
                HasSubstr("tensor 'a': data_offsets: expected two places in the file"));
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4)),
                HasSubstr("tensor 'a': shape: expected a list of sizes"));
}

TEST(Safetensors, an_unknown_dtype_is_named) {
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}})", 4)),
                HasSubstr("tensor 'a': unknown dtype 'Q4'"));
}

TEST(Safetensors, a_tensor_that_leaves_the_file_is_named) {
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 5)),
                HasSubstr("tensor 'a': ends at byte 8, but the file holds 5"));
}

TEST(Safetensors, offsets_that_run_backwards_are_refused) {
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4)),
                HasSubstr("tensor 'a': its offsets run backwards"));
}

TEST(Safetensors, a_shape_that_does_not_fit_its_bytes_is_refused) {
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8)),
                HasSubstr("F32 of this shape takes 12 bytes, its data_offsets span 8"));
    // 2^62 * 4 bytes wraps around to nothing.
    EXPECT_THAT(
        refusal(file_of(
            R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0)),
        HasSubstr("F32 of this shape takes 2^64 or more bytes, its data_offsets span 0"));
}

TEST(Safetensors, tensors_that_overlap_are_named) {
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                                12)),
                HasSubstr("tensors 'a' and 'b' overlap"));
}

TEST(Safetensors, bytes_that_belong_to_no_tensor_are_refused) {
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8)),
                HasSubstr("unused bytes before tensor 'a'"));
    EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 9)),
                HasSubstr("5 bytes after the last tensor"));
}

}  // namespace
}  // namespace evoke::lm
