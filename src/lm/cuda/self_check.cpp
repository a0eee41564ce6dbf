#include "lm/cuda/self_check.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <exception>
#include <limits>
#include <vector>

namespace evoke::lm::cuda {

namespace {

/// Rounding of bfloat16, several times over.
constexpr double tolerance = 0.05;

class Check {
public:
    Check(const DeviceOps& ops, const ModelSpec& spec, at::ScalarType dtype, at::Device device)
        : ops_{ops}, spec_{spec}, dtype_{dtype}, options_{at::TensorOptions{}.device(device)} {}

    std::string run() {
        norms();
        activations();
        rotations();
        stores();
        attention();
        summaries();
        return difference_;
    }

private:
    /// Numbers from -2 to 2 that look like noise, the same everywhere.
    at::Tensor noise(at::IntArrayRef sizes, at::ScalarType dtype) {
        const std::int64_t count = c10::multiply_integers(sizes);
        const at::Tensor steps = at::arange(count, options_.dtype(at::kDouble));
        ++seed_;
        return (at::sin((steps + 1.0) * (steps + seed_) * 1.7) * 2.0).to(dtype).view(sizes);
    }

    at::Tensor longs(const std::vector<std::int64_t>& values) {
        return at::tensor(values, at::kLong).to(options_.device());
    }

    void compare(const char* what, const at::Tensor& ours, const at::Tensor& expected) {
        if (!difference_.empty()) return;
        const at::Tensor a = ours.to(at::kDouble);
        const at::Tensor b = expected.to(at::kDouble);
        const at::Tensor wrong =
            ((a - b).abs() > tolerance * (b.abs() + 1.0)).logical_or(at::isfinite(a).logical_not());
        if (wrong.any().item<bool>()) difference_ = std::string{what} + " differs";
    }

    void norms() {
        for (const NormKind kind : {NormKind::rms, NormKind::layer}) {
            const NormShape shape{.kind = kind, .epsilon = 1e-5};
            const Norm norm{.weight = noise({spec_.hidden}, at::kFloat),
                            .bias = noise({spec_.hidden}, at::kFloat)};
            at::Tensor hidden = noise({3, spec_.hidden}, at::kFloat);
            at::Tensor same = hidden.clone();
            const at::Tensor delta = noise({3, spec_.hidden}, dtype_);
            compare("norm", ops_.add_norm(hidden, delta, norm, shape, dtype_),
                    math_.add_norm(same, delta, norm, shape, dtype_));
            compare("sum of the norm", hidden, same);
            compare("sum", ops_.add_norm(hidden, delta, {}, shape, dtype_),
                    math_.add_norm(same, delta, {}, shape, dtype_));
        }
    }

    void activations() {
        const at::Tensor gate = noise({3, 77}, dtype_);
        const at::Tensor up = noise({3, 77}, dtype_);
        for (const Activation kind :
             {Activation::silu, Activation::gelu, Activation::gelu_tanh, Activation::relu}) {
            compare("gated activation", ops_.activate(kind, gate, up),
                    math_.activate(kind, gate, up));
            compare("activation", ops_.activate(kind, gate, {}), math_.activate(kind, gate, {}));
        }
    }

    /// Turns of all dimensions, or of none.
    std::vector<Turns> some_turns() {
        const std::int64_t pairs = spec_.head_dim / 2;
        return {{},
                {noise({9, pairs}, at::kFloat), noise({9, pairs}, at::kFloat)},
                {noise({9, (pairs + 1) / 2}, at::kFloat), noise({9, (pairs + 1) / 2}, at::kFloat)}};
    }

    void rotations() {
        const at::Tensor places = longs({4, 0, 8});
        for (const Turns& turns : some_turns()) {
            const at::Tensor queries = noise({3, spec_.heads, spec_.head_dim}, dtype_);
            const at::Tensor growth = noise({3}, at::kFloat);
            compare("rotation", ops_.rotate(queries, turns, places, growth),
                    math_.rotate(queries, turns, places, growth));
        }
    }

    void stores() {
        const std::int64_t heads[]{spec_.key_value_heads, spec_.head_dim};
        for (const Turns& turns : some_turns()) {
            const NewStates ours{.keys = noise({4, heads[0], heads[1]}, dtype_),
                                 .values = noise({4, heads[0], heads[1]}, dtype_),
                                 .places = longs({4, 0, 8}),
                                 .slots = longs({5, 1, 2}),
                                 .key_store = noise({6, heads[0], heads[1]}, dtype_),
                                 .value_store = noise({6, heads[0], heads[1]}, dtype_)};
            NewStates same = ours;
            same.key_store = ours.key_store.clone();
            same.value_store = ours.value_store.clone();
            ops_.store(ours, turns);
            math_.store(same, turns);
            compare("stored keys", ours.key_store, same.key_store);
            compare("stored values", ours.value_store, same.value_store);
        }
    }

    void attention() {
        const std::int64_t rows = 150;
        const at::Tensor queries = noise({rows, spec_.heads, spec_.head_dim}, dtype_);
        const at::Tensor keys = noise({400, spec_.key_value_heads, spec_.head_dim}, dtype_);
        const at::Tensor values = noise({400, spec_.key_value_heads, spec_.head_dim}, dtype_);
        std::vector<PackedCall> calls{
            pack({{0, 1, 200, 131}, {1, 139, 40, 90}}, rows),  // two prefixes, and rows without
            pack({{0, 1, 331, 1}, {1, 100, 0, 100}, {101, 1, 0, 101}}, rows),  // shared keys
            pack({{1, 40, 10, 300}}, rows)};
        calls[1].causal = calls[2].causal = true;
        calls[2].back = 37;
        upload(calls, options_.device());
        const AttentionShape shape{.scale = spec_.attention_scale,
                                   .soft_cap = spec_.attention_soft_cap};
        std::vector<Attended> ours;
        std::vector<Attended> expected;
        for (const PackedCall& call : calls) {
            ours.push_back(ops_.attend(queries, keys, values, call, shape));
            expected.push_back(math_.attend(queries, keys, values, call, shape));
            compare_parts("attention", ours.back(), expected.back());
        }
        compare_parts("merge", ops_.merge(ours), math_.merge(expected));
    }

    /// Rows without keys have no sum, whatever stands for that, and may hold anything.
    void compare_parts(const char* what, const Attended& ours, const Attended& expected) {
        const at::Tensor seen = at::isfinite(expected.log_sum);
        if (difference_.empty() && !at::isfinite(ours.log_sum).equal(seen))
            difference_ = std::string{what} + " sees other rows";
        compare(what, at::where(seen, ours.log_sum, 0.0), at::where(seen, expected.log_sum, 0.0));
        const at::Tensor rows = seen.transpose(0, 1).unsqueeze(2);
        compare(what, at::where(rows, ours.out, 0.0), at::where(rows, expected.out, 0.0));
    }

    void summaries() {
        at::Tensor logits = noise({3, 5000}, at::kFloat) * 5.0;
        logits.narrow(1, 4000, 2).fill_(20.0);
        const RowSummaries ours = ops_.summarise(logits);
        const RowSummaries expected = math_.summarise(logits);
        compare("maximum of logits", ours.maximum, expected.maximum);
        compare("place of the maximum", ours.place.to(at::kDouble) - 4000.0,
                expected.place.to(at::kDouble) - 4000.0);
        compare("sum of logits", ours.sum, expected.sum);
    }

    const DeviceOps& ops_;
    const DeviceOps math_ = math_ops();
    const ModelSpec& spec_;
    at::ScalarType dtype_;
    at::TensorOptions options_;
    double seed_ = 0.0;
    std::string difference_;
};

}  // namespace

std::string why_not(const DeviceOps& ops, const ModelSpec& spec, at::ScalarType dtype,
                    at::Device device) {
    try {
        return Check{ops, spec, dtype, device}.run();
    } catch (const std::exception& error) {
        const std::string text = error.what();
        return text.substr(0, text.find('\n'));
    }
}

}  // namespace evoke::lm::cuda
