#pragma once

#include <cstdint>
#include <vector>

#include "lm/backend.hpp"
#include "lm/cuda/packed_call.hpp"

namespace evoke::lm::cuda {

/// Keys of a gathered run begin at a multiple of this: every kernel's blocks of keys divide it, so
/// that a query meets the same blocks whoever gathered.
constexpr std::int64_t gather_alignment = 256;

/// The attention calls of a layer whose queries see `back` positions behind them, in the order in
/// which their results are merged:
///
///   one for each depth of the texts' states, to the states of that depth as a whole; neighbours
///   that share a state are one sequence
///   one for the rows' own states, causal
///   one for rows whose window begins behind position 0: the keys of the window, gathered, causal
///
/// Which of them a row takes part in, and with which keys, depends on its own text alone.
/// Requires: no query looks ahead; all states but a span's last one are full.
/// `rows`: of the query matrix; those behind the runs see nothing. What the device needs is left to
/// `upload`.
[[nodiscard]] std::vector<PackedCall> plan_attention(const std::vector<QueryRun>& runs,
                                                     const std::vector<Span>& spans,
                                                     std::int64_t rows, std::int64_t back);

}  // namespace evoke::lm::cuda
