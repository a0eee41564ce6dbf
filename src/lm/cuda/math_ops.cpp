#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/isinf.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <limits>
#include <vector>

#include "lm/cuda/device_ops.hpp"
#include "lm/cuda/math_attention.hpp"

namespace evoke::lm::cuda {

namespace {

at::Tensor add_norm(at::Tensor& hidden, const at::Tensor& delta, const Norm& norm,
                    const NormShape& shape, at::ScalarType dtype) {
    if (delta.defined()) hidden = hidden + delta.to(at::kFloat);
    if (!norm.weight.defined()) return hidden.to(dtype);
    at::Tensor x = hidden;
    if (shape.kind == NormKind::layer) x = x - x.mean({-1}, true);
    x = x * at::rsqrt(x.square().mean({-1}, true) + shape.epsilon) * norm.weight;
    if (norm.bias.defined()) x = x + norm.bias;
    return x.to(dtype);
}

at::Tensor activated(Activation activation, const at::Tensor& x) {
    switch (activation) {
        case Activation::silu:
            // On the processor at::silu rounds the last few numbers of a tensor otherwise. The
            // reference backend keeps it all the same: the gradient of this quotient is no number
            // where exp(-x) overflows.
            return x / (1.0 + at::exp(-x));
        case Activation::gelu:
            return at::gelu(x);
        case Activation::gelu_tanh:
            return at::gelu(x, "tanh");
        case Activation::relu:
            break;
    }
    return at::relu(x);
}

at::Tensor activate(Activation activation, const at::Tensor& gate, const at::Tensor& up) {
    at::Tensor y = activated(activation, gate.to(at::kFloat));
    if (up.defined()) y = y * up.to(at::kFloat);
    return y.to(gate.scalar_type());
}

/// x: [rows, heads, head_dim]; float32 result.
at::Tensor turned(const at::Tensor& x, const Turns& turns, const at::Tensor& places) {
    const at::Tensor y = x.to(at::kFloat);
    if (!turns.cosines.defined()) return y;
    const std::int64_t pairs = turns.cosines.size(1);
    const at::Tensor cosine = turns.cosines.index_select(0, places).unsqueeze(1);
    const at::Tensor sine = turns.sines.index_select(0, places).unsqueeze(1);
    const at::Tensor low = y.narrow(2, 0, pairs);
    const at::Tensor high = y.narrow(2, pairs, pairs);
    const at::Tensor rest = y.narrow(2, 2 * pairs, y.size(2) - 2 * pairs);
    return at::cat({low * cosine - high * sine, high * cosine + low * sine, rest}, 2);
}

at::Tensor rotate(const at::Tensor& queries, const Turns& turns, const at::Tensor& places,
                  const at::Tensor& growth) {
    at::Tensor y = turned(queries, turns, places);
    if (growth.defined()) y = y * growth.view({-1, 1, 1});
    return y.to(queries.scalar_type());
}

void store(const NewStates& states, const Turns& turns) {
    const std::int64_t rows = states.slots.size(0);
    const at::Tensor keys = turned(states.keys.narrow(0, 0, rows), turns, states.places);
    states.key_store.index_copy_(0, states.slots, keys.to(states.key_store.scalar_type()));
    states.value_store.index_copy_(0, states.slots, states.values.narrow(0, 0, rows));
}

/// Kernels say +inf where there are no keys, mathematics says -inf.
at::Tensor without_infinity(const at::Tensor& log_sum) {
    return log_sum.masked_fill(at::isinf(log_sum), -std::numeric_limits<double>::infinity());
}

/// [heads, rows] to [rows, heads, 1].
at::Tensor by_row(const at::Tensor& x) {
    return x.transpose(0, 1).unsqueeze(2);
}

Attended merge(std::span<const Attended> parts) {
    at::Tensor top = without_infinity(parts[0].log_sum);
    for (const Attended& part : parts.subspan(1))
        top = at::maximum(top, without_infinity(part.log_sum));
    const at::Tensor base = top.masked_fill(at::isinf(top), 0.0);
    at::Tensor total = at::zeros_like(base);
    at::Tensor out = at::zeros_like(parts[0].out, at::TensorOptions{}.dtype(at::kFloat));
    for (const Attended& part : parts) {
        const at::Tensor weight = at::exp(without_infinity(part.log_sum) - base);
        total = total + weight;
        // What a part without keys holds may be anything.
        const at::Tensor seen = by_row(weight) > 0.0;
        out = out + at::where(seen, part.out.to(at::kFloat) * by_row(weight), 0.0);
    }
    out = out / by_row(total.masked_fill(total == 0.0, 1.0));
    return {out.to(parts[0].out.scalar_type()), top + total.log().masked_fill(total == 0.0, 0.0)};
}

RowSummaries summarise(const at::Tensor& logits) {
    const at::Tensor maximum = std::get<0>(logits.max(1, true));
    const at::Tensor sum = (logits - maximum).exp().sum(1);
    return {maximum.squeeze(1), at::argmax(logits, 1), sum.to(at::kDouble)};
}

}  // namespace

DeviceOps math_ops() {
    return {.name = "math-1",
            .add_norm = add_norm,
            .activate = activate,
            .rotate = rotate,
            .store = store,
            .attend = math_attend,
            .merge = merge,
            .summarise = summarise};
}

}  // namespace evoke::lm::cuda
