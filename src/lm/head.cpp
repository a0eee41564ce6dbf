#include "lm/head.hpp"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace evoke::lm {

namespace {

constexpr std::int64_t slice_rows = 512;

/// Merges the summaries of a row's chunks, in order.
struct RowTotal {
    double maximum = -std::numeric_limits<double>::infinity();
    double sum = 0.0;
    std::int64_t best = 0;

    void add(const LogitSummary& summary, std::int64_t first_column) {
        const double top = summary.maximum;
        if (top > maximum) {
            sum = sum * std::exp(maximum - top) + summary.sum;
            maximum = top;
            best = first_column + summary.place;
        } else {
            sum += summary.sum * std::exp(top - maximum);
        }
    }
};

}  // namespace

Head::Head(Linear head, Backend& backend)
    : head_{std::move(head)}, backend_{backend}, chunk_columns_{backend.traits().logit_columns} {}

at::Tensor Head::columns(const at::Tensor& states, std::int64_t first) const {
    const std::int64_t count = std::min(chunk_columns_, head_.weight.size(0) - first);
    Linear some{.weight = head_.weight.narrow(0, first, count), .bias = {}};
    if (head_.bias.defined()) some.bias = head_.bias.narrow(0, first, count);
    return backend_.logits(states, some);
}

HeadScores Head::score(const at::Tensor& states, std::span<const LogitTarget> targets) const {
    HeadScores scores;
    scores.targets.resize(targets.size());
    for (std::int64_t row = 0; row < states.size(0); row += slice_rows)
        score_slice(states.narrow(0, row, std::min(slice_rows, states.size(0) - row)), row, targets,
                    scores);
    return scores;
}

void Head::score_slice(const at::Tensor& states, std::int64_t first_row,
                       std::span<const LogitTarget> targets, HeadScores& scores) const {
    std::vector<RowTotal> totals(static_cast<std::size_t>(states.size(0)));
    for (std::int64_t first = 0; first < head_.weight.size(0); first += chunk_columns_) {
        const at::Tensor logits = columns(states, first);
        const std::vector<LogitSummary> summaries = backend_.summarise(logits);
        for (std::size_t row = 0; row < totals.size(); ++row)
            totals[row].add(summaries[row], first);

        std::vector<std::int64_t> places;
        std::vector<std::size_t> found;
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const std::int64_t row = targets[i].row - first_row;
            const std::int64_t column = targets[i].token - first;
            if (row < 0 || row >= states.size(0) || column < 0 || column >= logits.size(1))
                continue;
            places.push_back(row * logits.size(1) + column);
            found.push_back(i);
        }
        if (found.empty()) continue;
        const at::Tensor index = at::tensor(places, at::kLong).to(logits.device());
        const at::Tensor picked = logits.flatten().index_select(0, index).cpu();
        for (std::size_t i = 0; i < found.size(); ++i)
            scores.targets[found[i]] = picked.const_data_ptr<float>()[i];
    }
    for (const RowTotal& total : totals) {
        scores.log_sums.push_back(total.maximum + std::log(total.sum));
        scores.best.push_back(static_cast<TokenId>(total.best));
    }
}

std::vector<TokenId> Head::best(const at::Tensor& states) const {
    std::vector<LogitSummary> best(static_cast<std::size_t>(states.size(0)),
                                   {.maximum = -std::numeric_limits<float>::infinity()});
    for (std::int64_t first = 0; first < head_.weight.size(0); first += chunk_columns_) {
        const std::vector<LogitSummary> some = backend_.best(columns(states, first));
        for (std::size_t row = 0; row < best.size(); ++row)
            if (some[row].maximum > best[row].maximum)
                best[row] = {.maximum = some[row].maximum, .place = first + some[row].place};
    }
    std::vector<TokenId> ids;
    for (const LogitSummary& summary : best) ids.push_back(static_cast<TokenId>(summary.place));
    return ids;
}

at::Tensor Head::logits(const at::Tensor& states) const {
    return backend_.logits(states, head_).cpu();
}

}  // namespace evoke::lm
