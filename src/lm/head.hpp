#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "evoke/core/ids.hpp"
#include "lm/backend.hpp"

namespace evoke::lm {

/// A logit that is asked for.
struct LogitTarget {
    std::int64_t row = 0;
    TokenId token = 0;
};

struct HeadScores {
    std::vector<double> log_sums;  ///< [rows] log of the sum of exp(logit)
    std::vector<TokenId> best;     ///< [rows] the first most probable id
    std::vector<float> targets;    ///< [targets] their logits
};

/// From final states to the vocabulary, some columns at a time: the logits of all rows over the
/// whole vocabulary never exist at once. Logits are float32 whatever the dtype.
class Head {
public:
    Head(Linear head, Backend& backend);

    /// states: [rows, hidden]
    [[nodiscard]] HeadScores score(const at::Tensor& states,
                                   std::span<const LogitTarget> targets) const;

    /// The first most probable id of each row.
    [[nodiscard]] std::vector<TokenId> best(const at::Tensor& states) const;

    /// float32 [rows, vocabulary] on the processor. Meant for few rows.
    [[nodiscard]] at::Tensor logits(const at::Tensor& states) const;

private:
    [[nodiscard]] at::Tensor columns(const at::Tensor& states, std::int64_t first) const;
    void score_slice(const at::Tensor& states, std::int64_t first_row,
                     std::span<const LogitTarget> targets, HeadScores& scores) const;

    Linear head_;  ///< [vocabulary, embedded]
    Backend& backend_;
    std::int64_t chunk_columns_;
};

}  // namespace evoke::lm
