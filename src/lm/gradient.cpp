#include "lm/gradient.hpp"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "evoke/core/error.hpp"
#include "lm/scoring.hpp"

namespace evoke::lm {

namespace {

/// Tokens whose activations exist at once, per thread. Fixed, since the bits of a gradient depend
/// on which examples share a forward.
constexpr std::size_t batch_tokens = 512;

class RequestCheck {
public:
    RequestCheck(const ModelSpec& spec, std::size_t number)
        : spec_{spec}, subject_{"gradient request " + std::to_string(number) + ": expected "} {}

    void operator()(const GradientRequest& request) const {
        if (request.examples.empty()) throw InputError{subject_ + "at least one example"};
        const std::size_t triggers = request.examples.front().triggers.size();
        for (const GradientExample& example : request.examples) {
            if (example.triggers.size() != triggers || triggers == 0)
                throw InputError{subject_ + "as many triggers in each example, at least one"};
            check_ids(example.tokens, spec_.vocabulary, 0);
            check(example);
        }
        check_ids(request.banned, spec_.vocabulary, 0);
    }

private:
    void check(const GradientExample& example) const {
        const std::size_t size = example.tokens.size();
        const bool causal =
            example.context_length > 0 && example.context_length < size && example.masks.empty();
        const bool masked = example.context_length == 0 && !example.masks.empty() &&
                            std::ranges::all_of(example.masks, [&](const MaskLabels& mask) {
                                return mask.mask < size && !mask.labels.empty();
                            });
        if (spec_.masked ? !masked : !causal)
            throw InputError{subject_ + (spec_.masked ? "masks inside the text, each with a label"
                                                      : "1 <= context < tokens, and no masks")};
        for (const MaskLabels& mask : example.masks) check_ids(mask.labels, spec_.vocabulary, 0);
        const std::size_t end = causal ? example.context_length : size;
        for (const std::size_t trigger : example.triggers)
            if (trigger >= end)
                throw InputError{subject_ + "triggers below " + std::to_string(end) + ", found " +
                                 std::to_string(trigger)};
    }

    const ModelSpec& spec_;
    std::string subject_;
};

/// Examples of one forward and backward.
struct Batch {
    std::size_t first = 0;
    std::size_t count = 0;
};

std::vector<Batch> batches_of(const std::vector<GradientExample>& examples) {
    std::vector<Batch> batches;
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        if (batches.empty() || tokens + examples[i].tokens.size() > batch_tokens) {
            batches.push_back({i, 0});
            tokens = 0;
        }
        ++batches.back().count;
        tokens += examples[i].tokens.size();
    }
    return batches;
}

struct BatchResult {
    double loss = 0.0;    ///< sum over its examples
    at::Tensor gradient;  ///< of that sum, by trigger: [k, embedded] float32
};

/// One packed forward and its way back.
class Pass {
public:
    Pass(Transformer& transformer, std::span<const GradientExample> examples)
        : transformer_{transformer}, examples_{examples} {
        for (const GradientExample& example : examples) add(example);
    }

    BatchResult run() {
        const at::AutoGradMode with_gradients{true};
        const at::Tensor& table = transformer_.weights().embedding;
        const at::Tensor ids = at::tensor(input_.ids, at::kInt).to(table.device());
        const at::Tensor rows = table.index_select(0, ids).detach().requires_grad_();
        input_.embedded = rows;
        const at::Tensor states = transformer_.forward(input_);
        const at::Tensor logprobs =
            at::log_softmax(transformer_.backend().logits(states, transformer_.weights().head), -1);
        const at::Tensor loss = loss_of(logprobs);
        loss.backward();
        return {.loss = loss.item<double>(), .gradient = at_triggers(rows.grad().to(at::kFloat))};
    }

private:
    struct Target {
        std::int64_t row;
        std::vector<TokenId> labels;
    };

    void add(const GradientExample& example) {
        const auto first = static_cast<std::int64_t>(input_.ids.size());
        const auto count = static_cast<std::int64_t>(example.tokens.size());
        starts_.push_back(first);
        states_.push_back(transformer_.backend().allocate(0, count));
        input_.spans.push_back({.states = {states_.back().get()},
                                .first_row = first,
                                .count = count,
                                .long_text = count - 1 > transformer_.spec().short_text()});
        input_.ids.insert(input_.ids.end(), example.tokens.begin(), example.tokens.end());
        if (example.masks.empty()) {
            for (std::size_t i = example.context_length; i < example.tokens.size(); ++i)
                want(first + static_cast<std::int64_t>(i) - 1, {example.tokens[i]});
            return;
        }
        std::vector<MaskLabels> masks = example.masks;
        std::ranges::stable_sort(masks, {}, &MaskLabels::mask);
        for (MaskLabels& mask : masks)
            want(first + static_cast<std::int64_t>(mask.mask), std::move(mask.labels));
    }

    void want(std::int64_t row, std::vector<TokenId> labels) {
        if (input_.outputs.empty() || input_.outputs.back() != row) input_.outputs.push_back(row);
        targets_.push_back(
            {static_cast<std::int64_t>(input_.outputs.size()) - 1, std::move(labels)});
    }

    /// logprobs: [outputs, vocabulary]
    at::Tensor loss_of(const at::Tensor& logprobs) const {
        at::Tensor loss;
        for (const Target& target : targets_) {
            const at::Tensor labels = at::tensor(target.labels, at::kLong).to(logprobs.device());
            const at::Tensor right = logprobs.select(0, target.row).index_select(0, labels);
            const at::Tensor term = -at::logsumexp(right, 0);
            loss = loss.defined() ? loss + term : term;
        }
        return loss;
    }

    /// rows: [tokens, embedded]
    at::Tensor at_triggers(const at::Tensor& rows) const {
        at::Tensor sum;
        for (std::size_t i = 0; i < examples_.size(); ++i) {
            std::vector<std::int64_t> places;
            for (const std::size_t trigger : examples_[i].triggers)
                places.push_back(starts_[i] + static_cast<std::int64_t>(trigger));
            const at::Tensor own =
                rows.index_select(0, at::tensor(places, at::kLong).to(rows.device()));
            sum = sum.defined() ? sum + own : own;
        }
        return sum;
    }

    Transformer& transformer_;
    std::span<const GradientExample> examples_;
    ForwardInput input_;
    std::vector<std::int64_t> starts_;
    std::vector<std::shared_ptr<KvState>> states_;
    std::vector<Target> targets_;
};

/// Runs turns 0 .. count-1, each on one thread, so that no bit depends on how many there are; a
/// second, empty turn makes a lone one do so too.
template <class Turn>
void single_threaded(std::size_t count, const Turn& turn) {
    const auto turns = static_cast<std::int64_t>(std::max<std::size_t>(count, 2));
    at::parallel_for(0, turns, 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
            if (i < count) turn(i);
    });
}

TriggerCandidates candidates_of(const at::Tensor& gradient, const GradientRequest& request) {
    const at::Tensor host = gradient.cpu().contiguous();
    const float* values = host.const_data_ptr<float>();
    std::vector<bool> banned(static_cast<std::size_t>(host.size(0)));
    for (const TokenId id : request.banned) banned[static_cast<std::size_t>(id)] = true;
    std::vector<TokenId> ids;
    for (std::size_t id = 0; id < banned.size(); ++id)
        if (!banned[id]) ids.push_back(static_cast<TokenId>(id));
    const auto before = [&](TokenId a, TokenId b) {
        return values[a] != values[b] ? values[a] < values[b] : a < b;
    };
    const auto top = static_cast<std::ptrdiff_t>(std::min(request.top, ids.size()));
    std::ranges::partial_sort(ids, ids.begin() + top, before);
    ids.resize(static_cast<std::size_t>(top));
    TriggerCandidates found{.ids = std::move(ids), .values = {}};
    for (const TokenId id : found.ids) found.values.push_back(values[id]);
    return found;
}

}  // namespace

GradientResult trigger_gradient(const GradientRequest& request, Transformer& transformer,
                                std::size_t number) {
    const ModelSpec& spec = transformer.spec();
    RequestCheck{spec, number}(request);
    GradientResult result;
    for (const GradientExample& example : request.examples)
        if (static_cast<std::int64_t>(example.tokens.size()) > spec.context)
            result.status = RequestStatus::overflow;
    if (result.status != RequestStatus::ok) return result;

    const std::vector<Batch> batches = batches_of(request.examples);
    std::vector<BatchResult> parts(batches.size());
    single_threaded(batches.size(), [&](std::size_t i) {
        const std::span examples{request.examples};
        parts[i] = Pass{transformer, examples.subspan(batches[i].first, batches[i].count)}.run();
    });
    at::Tensor sum;
    for (const BatchResult& part : parts) {
        result.loss += part.loss;
        sum = sum.defined() ? sum + part.gradient : part.gradient;
    }
    const auto count = static_cast<double>(request.examples.size());
    result.loss /= count;
    // d loss / d one-hot = embedding * d loss / d row, since a row is one-hot * embedding.
    const at::Tensor table = transformer.weights().embedding.to(at::kFloat);
    result.positions.resize(static_cast<std::size_t>(sum.size(0)));
    single_threaded(result.positions.size(), [&](std::size_t i) {
        const at::Tensor row = sum.select(0, static_cast<std::int64_t>(i));
        result.positions[i] = candidates_of(at::matmul(table, row) / count, request);
    });
    return result;
}

}  // namespace evoke::lm
