#include "lm/cuda/flash_attention.hpp"

#include <c10/util/Exception.h>

#ifdef EVOKE_FLASH_ATTENTION
#include <ATen/ops/_flash_attention_forward.h>
#endif

#include <algorithm>
#include <optional>

// The operator is private to libtorch and has changed before. This is the one file that calls it;
// cmake/EvokeCuda.cmake defines EVOKE_FLASH_ATTENTION when its declaration is the one known here.
namespace evoke::lm::cuda {

bool flash_takes([[maybe_unused]] const ModelSpec& spec, [[maybe_unused]] at::ScalarType dtype,
                 [[maybe_unused]] at::Device device) {
#ifdef EVOKE_FLASH_ATTENTION
    return device.is_cuda() && (dtype == at::kBFloat16 || dtype == at::kHalf) &&
           spec.attention_soft_cap == 0.0 && spec.head_dim <= 256 && spec.head_dim % 8 == 0;
#else
    return false;
#endif
}

#ifdef EVOKE_FLASH_ATTENTION

// Sequence i reads key_counts[i] keys from key_starts[i] on, wherever its neighbours lie, so many
// sequences may share keys. The operator splits keys over blocks, in an order that depends on the
// company, when no sequence has more than one row: it is told of two.
Attended flash_attend(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                      const PackedCall& call, const AttentionShape& shape) {
    const bool window = call.causal && call.back < Reach::everything;
    const auto left = window ? std::optional{call.back} : std::nullopt;
    const auto right = window ? std::optional<std::int64_t>{0} : std::nullopt;
    auto [out, log_sum, seed, offset, mask] = at::_flash_attention_forward(
        queries, keys, values, call.row_starts, call.key_starts,
        std::max<std::int64_t>(2, call.most_rows), std::max<std::int64_t>(1, call.most_keys),
        /*dropout_p=*/0.0, call.causal, /*return_debug_mask=*/false,
        std::optional<double>{shape.scale}, left, right, call.key_counts);
    return {out, log_sum};
}

#else

Attended flash_attend(const at::Tensor&, const at::Tensor&, const at::Tensor&, const PackedCall&,
                      const AttentionShape&) {
    C10_THROW_ERROR(NotImplementedError, "flash attention is not part of this build");
}

#endif

}  // namespace evoke::lm::cuda
