#include "lm/cuda/device_ops.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "lm/cuda/self_check.hpp"
#include "lm/residency.hpp"

namespace evoke::lm::cuda {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

ModelSpec small_spec() {
    ModelSpec spec;
    spec.hidden = 48;
    spec.heads = 6;
    spec.key_value_heads = 2;
    spec.head_dim = 24;
    spec.attention_scale = 0.2;
    return spec;
}

at::Tensor noise(at::IntArrayRef sizes, double seed) {
    const at::Tensor steps = at::arange(c10::multiply_integers(sizes), at::kDouble);
    return (at::sin((steps + 1.0) * (steps + seed) * 1.7) * 2.0).to(at::kFloat).view(sizes);
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

/// Attention of queries [rows, heads, head_dim] to keys first .. first+count-1.
Attended part(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
              std::int64_t first, std::int64_t count) {
    std::vector<PackedCall> calls{
        pack({{.first_row = 0, .rows = queries.size(0), .first_key = first, .keys = count}},
             queries.size(0))};
    upload(calls, at::kCPU);
    return math_ops().attend(queries, keys, values, calls[0], {.scale = 1.0});
}

TEST(DeviceOps, merged_parts_are_attention_to_all_keys) {
    for (const double size : {1.0, 60.0}) {  // Scores of some units, and of many.
        const at::Tensor queries = noise({70, 4, 8}, 1) * size;
        const at::Tensor keys = noise({300, 2, 8}, 2);
        const at::Tensor values = noise({300, 2, 8}, 3);
        const Attended whole = part(queries, keys, values, 0, 300);
        for (const std::int64_t cut : {1, 77, 128, 299}) {
            const std::vector<Attended> parts{part(queries, keys, values, 0, 0),
                                              part(queries, keys, values, 0, cut),
                                              part(queries, keys, values, cut, 300 - cut)};
            const Attended merged = math_ops().merge(parts);
            EXPECT_LE(largest_difference(merged.out, whole.out), 2e-6 * size) << cut;
            EXPECT_LE(largest_difference(merged.log_sum, whole.log_sum), 1e-5 * size) << cut;
        }
    }
}

TEST(DeviceOps, a_part_without_keys_changes_no_bit_of_a_merge_whatever_it_holds) {
    const at::Tensor queries = noise({5, 4, 8}, 1);
    const at::Tensor keys = noise({30, 2, 8}, 2);
    const Attended whole = part(queries, keys, keys, 0, 30);
    for (const double sign : {infinity, -infinity}) {
        const Attended nothing{at::full({5, 4, 8}, std::nan("")), at::full({4, 5}, sign)};
        const std::vector<Attended> parts{nothing, whole, nothing};
        EXPECT_TRUE(math_ops().merge(parts).out.equal(whole.out));
        const std::vector<Attended> none{nothing, nothing};
        EXPECT_TRUE(math_ops().merge(none).out.equal(at::zeros_like(whole.out)));
    }
}

TEST(DeviceOps, the_first_of_equal_maxima_counts) {
    at::Tensor logits = noise({2, 100}, 4);
    logits[0][40] = logits[0][70] = 9.0;
    const RowSummaries rows = math_ops().summarise(logits);
    EXPECT_EQ(rows.place[0].item<std::int64_t>(), 40);
    EXPECT_EQ(rows.maximum[0].item<float>(), 9.0F);
    EXPECT_NEAR(rows.sum[0].item<double>(),
                (logits[0].to(at::kDouble) - 9.0).exp().sum().item<double>(), 1e-5);
}

TEST(SelfCheck, has_no_doubt_of_mathematics) {
    EXPECT_EQ(why_not(math_ops(), small_spec(), at::kFloat, at::kCPU), "");
    EXPECT_EQ(why_not(math_ops(), small_spec(), at::kBFloat16, at::kCPU), "");
}

Attended no_merge(std::span<const Attended> parts) {
    return parts[0];
}
Attended no_window(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                   const PackedCall& call, const AttentionShape& shape) {
    PackedCall wide = call;
    wide.back = Reach::everything;
    return math_ops().attend(queries, keys, values, wide, shape);
}
at::Tensor broken(Activation, const at::Tensor&, const at::Tensor&) {
    throw std::runtime_error{"no kernel image\nis available"};
}

TEST(SelfCheck, finds_what_differs_or_fails) {
    DeviceOps ops = math_ops();
    ops.merge = no_merge;
    EXPECT_EQ(why_not(ops, small_spec(), at::kFloat, at::kCPU), "merge differs");
    ops = math_ops();
    ops.attend = no_window;
    EXPECT_EQ(why_not(ops, small_spec(), at::kFloat, at::kCPU), "attention differs");
    ops = math_ops();
    ops.activate = broken;
    EXPECT_EQ(why_not(ops, small_spec(), at::kFloat, at::kCPU), "no kernel image");
}

TEST(Residency, falls_to_one_text_and_no_cache) {
    Residency residency{std::size_t{256} << 20U, 256};
    std::vector<std::size_t> texts;
    while (residency.lower("test")) texts.push_back(residency.texts());
    EXPECT_THAT(texts, testing::ElementsAre(64, 16, 4, 1));
    EXPECT_EQ(residency.cache_bytes(), 0);
}

}  // namespace
}  // namespace evoke::lm::cuda
