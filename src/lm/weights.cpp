#include "lm/weights.hpp"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <set>
#include <utility>

#include "lm/tensor_source.hpp"

namespace evoke::lm {

namespace {

using Shape = std::vector<std::int64_t>;

std::string root_of(const ModelSpec& spec, const Checkpoint& checkpoint) {
    for (const std::string& root : spec.names.roots)
        if (checkpoint.contains(root + spec.names.embedding + ".weight")) return root;
    return spec.names.roots.front();
}

/// The first of the names that is there, else the first.
std::string present(const std::vector<std::string>& names, const std::string& ending,
                    const Checkpoint& checkpoint) {
    for (const std::string& name : names)
        if (checkpoint.contains(name + ending)) return name + ending;
    return names.front() + ending;
}

/// Puts a model together from named tensors: the one place that knows what a spec needs.
class Assembly {
public:
    Assembly(const ModelSpec& spec, const Checkpoint& checkpoint, TensorSource& source)
        : spec_{spec}, checkpoint_{checkpoint}, source_{source}, root_{root_of(spec, checkpoint)} {}

    ModelWeights whole() {
        const TensorNames& names = spec_.names;
        ModelWeights weights;
        weights.embedding = matrix(embedding_name(), {spec_.vocabulary, spec_.embedded()});
        if (!names.positions.empty()) weights.positions = positions();
        weights.embedding_norm = norm(root_, names.embedding_norm, spec_.hidden);
        if (!names.project_in.empty()) {
            weights.project_in.weight =
                matrix(root_ + names.project_in + ".weight", {spec_.hidden, spec_.embedded()});
            weights.project_out.weight =
                matrix(root_ + names.project_out + ".weight", {spec_.embedded(), spec_.hidden});
        }
        for (std::int64_t number = 0; number < spec_.layers(); ++number)
            weights.layers.push_back(layer(number));
        weights.final_norm = norm(root_, names.final_norm, spec_.hidden);
        if (!names.transform.empty()) {
            weights.transform.weight =
                matrix(names.transform + ".weight", {spec_.hidden, spec_.hidden});
            if (spec_.transform_bias)
                weights.transform.bias = matrix(names.transform + ".bias", {spec_.hidden});
            weights.transform_norm = norm("", names.transform_norm, spec_.hidden);
        }
        weights.head = head(weights.embedding);
        return weights;
    }

private:
    /// `shape`: as stored.
    at::Tensor matrix(const std::string& name, Shape shape, const StoredOrder& order = {}) {
        return source_.matrix(name, {.shape = std::move(shape), .order = order});
    }

    /// A tied checkpoint may hold the head alone.
    std::string embedding_name() const {
        const std::string own = root_ + spec_.names.embedding + ".weight";
        const std::string head = present(spec_.names.heads, ".weight", checkpoint_);
        const bool head_alone =
            spec_.tied_head && !checkpoint_.contains(own) && checkpoint_.contains(head);
        return head_alone ? head : own;
    }

    Linear head(const at::Tensor& embedding) {
        Linear loaded;
        loaded.weight = spec_.tied_head ? embedding
                                        : matrix(present(spec_.names.heads, ".weight", checkpoint_),
                                                 {spec_.vocabulary, spec_.embedded()});
        if (!spec_.names.head_biases.empty())
            loaded.bias =
                matrix(present(spec_.names.head_biases, "", checkpoint_), {spec_.vocabulary});
        return loaded;
    }

    at::Tensor positions() {
        const at::Tensor all =
            source_.float32(root_ + spec_.names.positions + ".weight",
                            {spec_.context + spec_.position_offset, spec_.hidden});
        at::Tensor rows = all.narrow(0, spec_.position_offset, spec_.context);
        if (spec_.names.token_types.empty()) return rows;
        const std::string name = root_ + spec_.names.token_types + ".weight";
        const std::int64_t kinds =
            checkpoint_.contains(name) ? checkpoint_.tensor(name).shape.front() : 1;
        return rows + source_.float32(name, {kinds, spec_.hidden}).narrow(0, 0, 1);
    }

    Norm norm(const std::string& prefix, const std::string& name, std::int64_t size) {
        if (name.empty()) return {};
        Norm loaded;
        loaded.weight = source_.float32(prefix + name + ".weight", {size});
        if (spec_.norm_offset != 0.0) loaded.weight = loaded.weight + spec_.norm_offset;
        if (spec_.norm_bias) loaded.bias = source_.float32(prefix + name + ".bias", {size});
        return loaded;
    }

    /// `heads`: see StoredOrder::interleaved_heads.
    Linear linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias,
                  std::int64_t heads = 0) {
        Linear loaded;
        loaded.weight = matrix(name + ".weight", spec_.transposed ? Shape{in, out} : Shape{out, in},
                               {.transposed = spec_.transposed, .interleaved_heads = heads});
        if (bias) loaded.bias = matrix(name + ".bias", {out}, {.interleaved_heads = heads});
        return loaded;
    }

    static Linear rows(const Linear& all, std::int64_t first, std::int64_t count) {
        Linear some{.weight = all.weight.narrow(0, first, count), .bias = {}};
        if (all.bias.defined()) some.bias = all.bias.narrow(0, first, count);
        return some;
    }

    void load_query_key_value(const std::string& prefix, LayerWeights& to) {
        const LayerNames& names = spec_.names.in_layer;
        const std::int64_t query = spec_.query_size();
        const std::int64_t key = spec_.key_value_size();
        const bool bias = spec_.query_key_value_bias;
        if (spec_.query_key_value == QkvLayout::separate) {
            to.query = linear(prefix + names.query, query, spec_.hidden, bias);
            to.key = linear(prefix + names.key, key, spec_.hidden, bias);
            to.value = linear(prefix + names.value, key, spec_.hidden, bias);
            return;
        }
        const std::int64_t interleaved =
            spec_.query_key_value == QkvLayout::interleaved ? spec_.heads : 0;
        const Linear all = linear(prefix + names.query_key_value, query + 2 * key, spec_.hidden,
                                  bias, interleaved);
        to.query = rows(all, 0, query);
        to.key = rows(all, query, key);
        to.value = rows(all, query + key, key);
    }

    void load_mlp(const std::string& prefix, LayerWeights& to) {
        const LayerNames& names = spec_.names.in_layer;
        const std::int64_t size = spec_.feed_forward;
        const bool bias = spec_.mlp_bias;
        if (!names.gate_up.empty()) {
            const Linear both = linear(prefix + names.gate_up, 2 * size, spec_.hidden, bias);
            to.gate = rows(both, 0, size);
            to.up = rows(both, size, size);
        } else {
            if (!names.gate.empty())
                to.gate = linear(prefix + names.gate, size, spec_.hidden, bias);
            to.up = linear(prefix + names.up, size, spec_.hidden, bias);
        }
        to.down = linear(prefix + names.down, spec_.hidden, size, bias);
    }

    void load_experts(const std::string& prefix, LayerWeights& to) {
        const LayerNames& names = spec_.names.in_layer;
        const std::int64_t size = spec_.experts.feed_forward;
        to.router = linear(prefix + names.router, spec_.experts.count, spec_.hidden, false);
        for (std::int64_t i = 0; i < spec_.experts.count; ++i) {
            const std::string own = prefix + numbered(names.expert, i);
            to.experts.push_back(
                {.gate = linear(own + names.expert_gate, size, spec_.hidden, false),
                 .up = linear(own + names.expert_up, size, spec_.hidden, false),
                 .down = linear(own + names.expert_down, spec_.hidden, size, false)});
        }
    }

    LayerWeights layer(std::int64_t number) {
        const LayerNames& names = spec_.names.in_layer;
        const LayerSpec& own = spec_.layer_specs[static_cast<std::size_t>(number)];
        const std::string prefix = root_ + numbered(spec_.names.layer, number);
        LayerWeights to;
        if (own.attention_norm)
            to.attention_norm = norm(prefix, names.attention_norm, spec_.hidden);
        load_query_key_value(prefix, to);
        const bool whole = spec_.whole_query_norm;
        to.query_norm = norm(prefix, names.query_norm, whole ? spec_.query_size() : spec_.head_dim);
        to.key_norm = norm(prefix, names.key_norm, whole ? spec_.key_value_size() : spec_.head_dim);
        to.attention_output = linear(prefix + names.attention_output, spec_.hidden,
                                     spec_.query_size(), spec_.attention_output_bias);
        to.attention_post_norm = norm(prefix, names.attention_post_norm, spec_.hidden);
        to.attention_sum_norm = norm(prefix, names.attention_sum_norm, spec_.hidden);
        to.mlp_norm = norm(prefix, names.mlp_norm, spec_.hidden);
        if (own.experts) {
            load_experts(prefix, to);
        } else {
            load_mlp(prefix, to);
        }
        to.mlp_post_norm = norm(prefix, names.mlp_post_norm, spec_.hidden);
        to.mlp_sum_norm = norm(prefix, names.mlp_sum_norm, spec_.hidden);
        return to;
    }

    const ModelSpec& spec_;
    const Checkpoint& checkpoint_;
    TensorSource& source_;
    std::string root_;
};

/// Copies of what a tied head shares, and names that carry nothing.
bool ignored(const ModelSpec& spec, const std::string& name) {
    const auto begins = [&](const std::string& part) { return name.starts_with(part); };
    const auto ends = [&](const std::string& part) { return name.ends_with(part); };
    const auto is_head = [&](const std::string& head) { return name == head + ".weight"; };
    return std::ranges::any_of(spec.names.ignored_beginnings, begins) ||
           std::ranges::any_of(spec.names.ignored_endings, ends) ||
           std::ranges::count(spec.names.head_biases, name) > 0 ||
           (spec.tied_head && std::ranges::any_of(spec.names.heads, is_head));
}

TensorRecorder all_tensors(const ModelSpec& spec, const Checkpoint& checkpoint) {
    TensorRecorder recorder;
    (void)Assembly{spec, checkpoint, recorder}.whole();
    return recorder;
}

}  // namespace

void require_tensors(const ModelSpec& spec, const Checkpoint& checkpoint) {
    checkpoint.require(all_tensors(spec, checkpoint).shapes(),
                       [&](const std::string& name) { return ignored(spec, name); });
}

ModelWeights load_weights(const ModelSpec& spec, std::shared_ptr<const Checkpoint> checkpoint,
                          at::ScalarType dtype, at::Device device) {
    const auto loader =
        make_loader(*checkpoint, all_tensors(spec, *checkpoint).matrices(), dtype, device);
    ModelWeights weights = Assembly{spec, *checkpoint, *loader}.whole();
    weights.checkpoint = std::move(checkpoint);
    return weights;
}

}  // namespace evoke::lm
