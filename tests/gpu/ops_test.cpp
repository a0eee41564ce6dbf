#include <gmock/gmock.h>

#include "gpu/gpu_test.hpp"
#include "lm/cuda/flash_attention.hpp"
#include "lm/cuda/kernel_ops.hpp"
#include "lm/cuda/self_check.hpp"

// Kernels and flash attention on a device against ATen operators there.
namespace evoke::lm::cuda {
namespace {

using testing::HasSubstr;

const at::Device device{at::kCUDA, 0};

ModelSpec spec_of(std::int64_t heads, std::int64_t key_value_heads, std::int64_t head_dim) {
    ModelSpec spec;
    spec.hidden = heads * head_dim + 6;
    spec.heads = heads;
    spec.key_value_heads = key_value_heads;
    spec.head_dim = head_dim;
    spec.attention_scale = 1.0 / 8.0;
    return spec;
}

const std::vector<ModelSpec> specs{spec_of(14, 2, 64), spec_of(32, 8, 128), spec_of(12, 12, 64),
                                   spec_of(6, 2, 24),  spec_of(4, 4, 96),   spec_of(4, 1, 256),
                                   spec_of(8, 8, 80)};

class GpuOps : public test::GpuTest {};

TEST_F(GpuOps, kernels_agree_with_mathematics) {
    for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf}) {
        if (!kernels_take(dtype, device)) GTEST_SKIP() << "this build has no kernels of its own";
        for (const ModelSpec& spec : specs)
            EXPECT_EQ(why_not(with_kernels(math_ops()), spec, dtype, device), "") << spec.head_dim;
    }
}

TEST_F(GpuOps, flash_attention_agrees_with_mathematics) {
    for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf}) {
        for (const ModelSpec& spec : specs) {
            if (!flash_takes(spec, dtype, device))
                GTEST_SKIP() << "this build has no flash attention";
            DeviceOps ops = math_ops();
            ops.attend = flash_attend;
            EXPECT_EQ(why_not(ops, spec, dtype, device), "") << spec.head_dim;
        }
    }
}

TEST_F(GpuOps, the_best_ones_are_chosen_where_they_apply) {
    EXPECT_EQ(best_ops(specs[0], at::kFloat, device).name, "math-1");
    ModelSpec capped = specs[0];
    capped.attention_soft_cap = 50.0;
    EXPECT_THAT(best_ops(capped, at::kBFloat16, device).name, testing::Not(HasSubstr("flash")));
    EXPECT_THAT(best_ops(specs[0], at::kBFloat16, device).name, HasSubstr("flash-1"));
}

}  // namespace
}  // namespace evoke::lm::cuda
