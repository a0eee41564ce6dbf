#include "lm/experts.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/zeros.h>

#include <array>

namespace evoke::lm {

at::Tensor run_experts(Backend& backend, const ExpertSpec& spec, Activation activation,
                       const LayerWeights& layer, const at::Tensor& x, Rows which) {
    const at::Tensor scores = backend.linear(x, layer.router, which).to(at::kFloat);
    const at::Tensor probabilities = at::softmax(scores, -1);
    auto [weights, chosen] = at::topk(probabilities, spec.used, -1);  // [rows, used] each
    if (spec.normalise) weights = weights / weights.sum(-1, true);
    const at::Tensor numbers = chosen.cpu();

    at::Tensor out = at::zeros({x.size(0), layer.experts.front().down.weight.size(0)},
                               x.options().dtype(at::kFloat));
    for (std::int64_t i = 0; i < spec.count; ++i) {
        const at::Tensor places = (numbers == i).nonzero();  // [rows of this expert, 2]
        if (places.size(0) == 0) continue;
        const at::Tensor rows = places.select(1, 0).contiguous().to(x.device());
        const at::Tensor slots = places.select(1, 1).contiguous().to(x.device());
        const ExpertWeights& expert = layer.experts[static_cast<std::size_t>(i)];
        const at::Tensor mine = x.index_select(0, rows);
        const auto both = backend.linears(mine, std::array{&expert.gate, &expert.up}, Rows::some);
        const at::Tensor active = backend.activate(activation, both[0], both[1]);
        const at::Tensor weight = weights.index_select(0, rows).gather(1, slots.unsqueeze(1));
        const at::Tensor answer =
            backend.linear(active, expert.down, Rows::some).to(at::kFloat) * weight;
        out = out.index_add(0, rows, answer);
    }
    return out.to(x.scalar_type());
}

}  // namespace evoke::lm
