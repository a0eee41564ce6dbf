#include "lm/checkpoint.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <limits>

#include "evoke/core/error.hpp"
#include "evoke/lm/language_model.hpp"
#include "lm/families.hpp"
#include "lm/weights.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_checkpoint.hpp"

namespace evoke::lm {
namespace {

using test::TemporaryFolder;
using test::TinyCheckpoint;
using testing::AllOf;
using testing::HasSubstr;

/// What opening the folder complains about.
std::string refusal(const std::filesystem::path& folder) {
    try {
        const ModelSpec spec = read_model_spec(folder);
        const Checkpoint checkpoint{folder};
        require_tensors(spec, checkpoint);
        checkpoint.require_finite();
    } catch (const LoadError& error) {
        return error.what();
    }
    return "accepted";
}

std::string refusal(const TinyCheckpoint& checkpoint) {
    const TemporaryFolder folder;
    test::write_checkpoint(checkpoint, folder.path());
    return refusal(folder.path());
}

TEST(Checkpoint, a_complete_one_is_accepted) {
    EXPECT_EQ(refusal(test::tiny_llama()), "accepted");
}

TEST(Checkpoint, missing_tensors_are_named) {
    TinyCheckpoint checkpoint = test::tiny_llama();
    checkpoint.tensors.erase("model.layers.1.mlp.up_proj.weight");
    checkpoint.tensors.erase("model.norm.weight");
    EXPECT_THAT(refusal(checkpoint),
                HasSubstr("missing tensors: 'model.layers.1.mlp.up_proj.weight', "
                          "'model.norm.weight'"));
}

TEST(Checkpoint, surplus_tensors_are_named) {
    TinyCheckpoint checkpoint = test::tiny_llama();
    checkpoint.tensors["model.layers.0.self_attn.q_norm.weight"] = {{2}, {1.0F, 1.0F}};
    EXPECT_THAT(refusal(checkpoint),
                HasSubstr("surplus tensors: 'model.layers.0.self_attn.q_norm.weight'"));
}

TEST(Checkpoint, what_old_checkpoints_stored_needlessly_is_ignored) {
    TinyCheckpoint checkpoint = test::tiny_llama();
    checkpoint.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = {{2}, {1.0F, 1.0F}};
    EXPECT_EQ(refusal(checkpoint), "accepted");
}

TEST(Checkpoint, a_tensor_of_another_shape_is_named_with_both_shapes) {
    TinyCheckpoint checkpoint = test::tiny_llama();
    checkpoint.tensors["model.layers.2.self_attn.k_proj.weight"].shape = {46, 20};
    EXPECT_THAT(refusal(checkpoint), HasSubstr("'model.layers.2.self_attn.k_proj.weight': expected "
                                               "shape [20, 46], found [46, 20]"));
}

TEST(Checkpoint, a_tensor_of_a_type_that_is_not_computed_with_is_named) {
    TinyCheckpoint checkpoint = test::tiny_llama();
    const TemporaryFolder folder;
    test::write_checkpoint(checkpoint, folder.path());
    std::string bytes = test::safetensors_bytes(checkpoint.tensors, "F32");
    for (std::size_t at = bytes.find("\"F32\""); at != std::string::npos;
         at = bytes.find("\"F32\"", at))
        bytes.replace(at, 5, "\"I32\"");
    folder.write("model.safetensors", bytes);
    EXPECT_THAT(refusal(folder.path()), HasSubstr("dtype I32 is not supported"));
}

TEST(Checkpoint, a_weight_that_is_no_number_is_named) {
    TinyCheckpoint checkpoint = test::tiny_llama();
    checkpoint.tensors["lm_head.weight"].values[5] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THAT(refusal(checkpoint),
                HasSubstr("'lm_head.weight' holds a value that is not a finite number"));
    checkpoint.tensors["lm_head.weight"].values[5] = std::numeric_limits<float>::infinity();
    checkpoint.dtype = "BF16";
    EXPECT_THAT(refusal(checkpoint),
                HasSubstr("'lm_head.weight' holds a value that is not a finite number"));
}

TEST(Checkpoint, a_truncated_file_is_refused) {
    const TemporaryFolder folder;
    test::write_checkpoint(test::tiny_llama(), folder.path());
    const auto file = folder / "model.safetensors";
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 100);
    EXPECT_THAT(refusal(folder.path()),
                AllOf(HasSubstr("model.safetensors"), HasSubstr("truncated")));
}

TEST(Checkpoint, a_tied_head_may_be_stored_under_either_name_or_both) {
    TinyCheckpoint checkpoint = test::tiny_llama();
    checkpoint.config["tie_word_embeddings"] = true;
    EXPECT_EQ(refusal(checkpoint), "accepted");
    TinyCheckpoint embedding_alone = checkpoint;
    embedding_alone.tensors.erase("lm_head.weight");
    EXPECT_EQ(refusal(embedding_alone), "accepted");
    TinyCheckpoint head_alone = checkpoint;
    head_alone.tensors.erase("model.embed_tokens.weight");
    EXPECT_EQ(refusal(head_alone), "accepted");
}

TEST(Checkpoint, an_untied_head_must_be_there) {
    TinyCheckpoint checkpoint = test::tiny_llama();
    checkpoint.tensors.erase("lm_head.weight");
    EXPECT_THAT(refusal(checkpoint), HasSubstr("missing tensors: 'lm_head.weight'"));
}

/// Two files and their index.
void write_sharded(const TinyCheckpoint& checkpoint, const std::filesystem::path& folder) {
    test::write_checkpoint(checkpoint, folder);
    std::filesystem::remove(folder / "model.safetensors");
    std::map<std::string, test::TinyTensor> parts[2];
    nlohmann::json map;
    for (const auto& [name, tensor] : checkpoint.tensors) {
        const int part = name.find("layers") == std::string::npos ? 0 : 1;
        parts[part][name] = tensor;
        map[name] = "part-" + std::to_string(part) + ".safetensors";
    }
    for (int i = 0; i < 2; ++i)
        std::ofstream{folder / ("part-" + std::to_string(i) + ".safetensors"), std::ios::binary}
            << test::safetensors_bytes(parts[i], "F32");
    std::ofstream{folder / "model.safetensors.index.json"}
        << nlohmann::json{{"metadata", {{"total_size", 1}}}, {"weight_map", map}};
}

TEST(Checkpoint, shards_are_found_through_the_index) {
    const TemporaryFolder folder;
    write_sharded(test::tiny_llama(), folder.path());
    EXPECT_EQ(refusal(folder.path()), "accepted");
}

TEST(Checkpoint, a_missing_shard_is_named) {
    const TemporaryFolder folder;
    write_sharded(test::tiny_llama(), folder.path());
    std::filesystem::remove(folder / "part-1.safetensors");
    EXPECT_THAT(refusal(folder.path()), HasSubstr("part-1.safetensors"));
}

TEST(Checkpoint, an_index_that_names_a_tensor_its_file_lacks_is_refused) {
    const TemporaryFolder folder;
    write_sharded(test::tiny_llama(), folder.path());
    folder.write("model.safetensors.index.json",
                 R"({"weight_map":{"model.norm.weight":"part-0.safetensors",)"
                 R"("x":"part-0.safetensors"}})");
    EXPECT_THAT(refusal(folder.path()), HasSubstr("weight_map.x: not in part-0.safetensors"));
}

TEST(Checkpoint, an_index_may_not_leave_the_folder) {
    const TemporaryFolder folder;
    write_sharded(test::tiny_llama(), folder.path());
    folder.write("model.safetensors.index.json", R"({"weight_map":{"x":"../w.safetensors"}})");
    EXPECT_THAT(refusal(folder.path()), HasSubstr("expected a file name of this folder"));
}

TEST(Checkpoint, a_folder_without_weights_says_what_was_looked_for) {
    const TemporaryFolder folder;
    test::write_checkpoint(test::tiny_llama(), folder.path());
    std::filesystem::remove(folder / "model.safetensors");
    EXPECT_THAT(refusal(folder.path()), HasSubstr("neither model.safetensors nor"));
    folder.write("pytorch_model.bin", "x");
    EXPECT_THAT(refusal(folder.path()), HasSubstr("convert it to safetensors"));
}

TEST(Checkpoint, its_identity_changes_with_any_byte_of_weights_or_configuration) {
    const TemporaryFolder folder;
    TinyCheckpoint checkpoint = test::tiny_llama();
    test::write_checkpoint(checkpoint, folder.path());
    const Sha256 before = Checkpoint{folder.path()}.identity();
    EXPECT_EQ(Checkpoint{folder.path()}.identity(), before);
    checkpoint.tensors["model.norm.weight"].values[0] += 0.25F;
    test::write_checkpoint(checkpoint, folder.path());
    const Sha256 other_weights = Checkpoint{folder.path()}.identity();
    EXPECT_NE(other_weights, before);
    checkpoint.config["rope_theta"] = 501.0;
    test::write_checkpoint(checkpoint, folder.path());
    EXPECT_NE(Checkpoint{folder.path()}.identity(), other_weights);
}

TEST(InspectModel, tells_sizes_without_loading) {
    const TemporaryFolder folder;
    test::write_checkpoint(test::tiny_llama(), folder.path());
    const ModelInfo info = inspect_model(folder.path());
    EXPECT_EQ(info.model_type, "llama");
    EXPECT_EQ(info.vocabulary_size, 97);
    EXPECT_EQ(info.context_length, 320);
    std::uint64_t numbers = 0;
    for (const auto& [name, tensor] : test::tiny_llama().tensors) numbers += tensor.values.size();
    EXPECT_EQ(info.parameters, numbers);
    EXPECT_EQ(info.dtype, "");
}

TEST(InspectModel, finds_what_is_missing) {
    const TemporaryFolder folder;
    EXPECT_THROW((void)inspect_model(folder.path()), LoadError);
    EXPECT_THROW((void)inspect_model(folder / "nowhere"), LoadError);
}

}  // namespace
}  // namespace evoke::lm
