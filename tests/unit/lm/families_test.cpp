#include "lm/families.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "evoke/core/error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_checkpoint.hpp"

namespace evoke::lm {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

ModelSpec spec_of(const json& config) {
    const test::TemporaryFolder folder;
    folder.write("config.json", config.dump());
    return read_model_spec(folder.path());
}

std::string refusal(const json& config) {
    try {
        (void)spec_of(config);
    } catch (const LoadError& error) {
        return error.what();
    }
    return "accepted";
}

json plain() {
    json config = test::tiny_llama().config;
    config.erase("rope_scaling");
    return config;
}

TEST(Families, an_unknown_family_is_refused_by_name_with_the_supported_ones) {
    json config = plain();
    config["model_type"] = "mamba2";
    EXPECT_THAT(
        refusal(config),
        AllOf(HasSubstr("model_type 'mamba2' is not supported; supported: "), HasSubstr("llama")));
    config.erase("model_type");
    EXPECT_THAT(refusal(config), HasSubstr("model_type: missing"));
}

TEST(Families, what_a_configuration_leaves_out_has_the_familys_defaults) {
    json config = plain();
    for (const char* key : {"num_key_value_heads", "head_dim", "attention_bias", "mlp_bias",
                            "rms_norm_eps", "rope_theta", "tie_word_embeddings"})
        config.erase(key);
    config["hidden_size"] = 48;
    config["num_attention_heads"] = 2;
    const ModelSpec spec = spec_of(config);
    EXPECT_EQ(spec.key_value_heads, 2);
    EXPECT_EQ(spec.head_dim, 24);
    EXPECT_FALSE(spec.query_key_value_bias);
    EXPECT_FALSE(spec.mlp_bias);
    EXPECT_FALSE(spec.tied_head);
    EXPECT_DOUBLE_EQ(spec.norm_epsilon, 1e-6);
}

TEST(Families, null_counts_as_absent) {
    json config = plain();
    config["hidden_size"] = 48;
    config["head_dim"] = nullptr;
    config["num_key_value_heads"] = nullptr;
    config["rope_scaling"] = nullptr;
    const ModelSpec spec = spec_of(config);
    EXPECT_EQ(spec.head_dim, 8);
    EXPECT_EQ(spec.key_value_heads, 6);
}

TEST(Families, sizes_that_make_no_sense_are_refused_with_their_key) {
    json config = plain();
    config["hidden_size"] = 0;
    EXPECT_THAT(refusal(config), HasSubstr("hidden_size: expected an integer from 1"));
    config = plain();
    config["num_hidden_layers"] = "three";
    EXPECT_THAT(refusal(config), HasSubstr("num_hidden_layers: expected an integer"));
    config = plain();
    config["num_hidden_layers"] = 2147483648;
    EXPECT_THAT(refusal(config),
                HasSubstr("num_hidden_layers: expected at most 4096, found 2147483648"));
    config = plain();
    config["num_key_value_heads"] = 4;
    EXPECT_THAT(refusal(config), HasSubstr("num_key_value_heads: expected a divisor"));
    config = plain();
    config["head_dim"] = 9;
    EXPECT_THAT(refusal(config), HasSubstr("head_dim: expected an even number"));
    config = plain();
    config["rms_norm_eps"] = -1.0;
    EXPECT_THAT(refusal(config), HasSubstr("rms_norm_eps: expected a number above 0"));
}

TEST(Families, features_that_are_not_supported_are_named) {
    json config = plain();
    config["hidden_act"] = "xielu";
    EXPECT_THAT(refusal(config), HasSubstr("hidden_act: 'xielu' is not supported"));
    config = plain();
    config["rope_scaling"] = {{"type", "xpos"}, {"factor", 2.0}};
    EXPECT_THAT(refusal(config), HasSubstr("'xpos' is not supported; supported: default, linear"));
    config = plain();
    config["quantization_config"] = {{"bits", 4}};
    EXPECT_THAT(refusal(config), HasSubstr("quantised checkpoints are not supported"));
}

TEST(Families, end_ids_come_from_both_files_once) {
    const test::TemporaryFolder folder;
    json config = plain();
    config["eos_token_id"] = {7, 3};
    folder.write("config.json", config.dump());
    folder.write("generation_config.json", R"({"eos_token_id":[3,9]})");
    EXPECT_THAT(read_model_spec(folder.path()).end_ids, ElementsAre(3, 7, 9));
}

TEST(Families, broken_json_is_refused_with_the_file) {
    const test::TemporaryFolder folder;
    folder.write("config.json", "{\"model_type\": ");
    EXPECT_THROW((void)read_model_spec(folder.path()), LoadError);
}

json rope_config(const json& scaling) {
    json config = plain();
    config["num_attention_heads"] = 6;
    config["head_dim"] = 8;
    config["rope_theta"] = 10000.0;
    config["max_position_embeddings"] = 8192;
    if (!scaling.is_null()) config["rope_scaling"] = scaling;
    return config;
}

TEST(Rope, frequencies_fall_geometrically) {
    EXPECT_THAT(spec_of(rope_config(nullptr)).ropes[0].frequencies,
                ElementsAre(1.0F, FloatNear(0.1F, 1e-8F), FloatNear(0.01F, 1e-9F),
                            FloatNear(0.001F, 1e-10F)));
}

TEST(Rope, linear_scaling_divides_all_of_them) {
    EXPECT_THAT(spec_of(rope_config({{"type", "linear"}, {"factor", 4.0}})).ropes[0].frequencies,
                ElementsAre(0.25F, FloatNear(0.025F, 1e-8F), FloatNear(0.0025F, 1e-9F),
                            FloatNear(0.00025F, 1e-10F)));
}

TEST(Rope, dynamic_scaling_changes_nothing_within_the_context) {
    EXPECT_EQ(spec_of(rope_config({{"type", "dynamic"}, {"factor", 4.0}})).ropes[0].frequencies,
              spec_of(rope_config(nullptr)).ropes[0].frequencies);
}

// original 1024, low 1, high 4: wavelengths above 1024 are divided, below 256 kept. Those here are
// 6.28, 62.8, 628 and 6283; the third lies between, with (1024/628.3 - 1)/3 = 0.2099 of the way.
TEST(Rope, llama3_scaling_divides_long_waves_and_keeps_short_ones) {
    const json scaling{{"rope_type", "llama3"},
                       {"factor", 8.0},
                       {"low_freq_factor", 1.0},
                       {"high_freq_factor", 4.0},
                       {"original_max_position_embeddings", 1024}};
    EXPECT_THAT(spec_of(rope_config(scaling)).ropes[0].frequencies,
                ElementsAre(1.0F, FloatNear(0.1F, 1e-8F), FloatNear(0.00308676F, 1e-8F),
                            FloatNear(0.000125F, 1e-10F)));
}

TEST(Rope, the_newer_dialect_says_the_same) {
    json newer = rope_config(nullptr);
    newer.erase("rope_theta");
    newer["rope_parameters"] = {{"rope_type", "linear"}, {"factor", 2.0}, {"rope_theta", 500.0}};
    json older = rope_config({{"type", "linear"}, {"factor", 2.0}});
    older["rope_theta"] = 500.0;
    EXPECT_EQ(spec_of(newer).ropes[0].frequencies, spec_of(older).ropes[0].frequencies);
}

}  // namespace
}  // namespace evoke::lm
