#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lm/model_spec.hpp"
#include "lm/weights.hpp"

namespace evoke::lm {

/// Keys and values of positions first .. first+capacity-1 in all layers. A backend makes them and
/// alone knows how they lie.
class KvState {
public:
    KvState(std::int64_t first, std::int64_t capacity) : first_{first}, capacity_{capacity} {}
    virtual ~KvState() = default;
    KvState(const KvState&) = delete;
    KvState& operator=(const KvState&) = delete;

    [[nodiscard]] std::int64_t first() const { return first_; }
    [[nodiscard]] std::int64_t end() const { return first_ + capacity_; }
    [[nodiscard]] virtual std::size_t bytes() const = 0;

private:
    std::int64_t first_;
    std::int64_t capacity_;
};

/// Consecutive rows of a packed forward that continue one text.
struct Span {
    /// In order of position, without gaps from position 0. The last one receives the new states.
    std::vector<KvState*> states;
    std::int64_t first_row = 0;
    std::int64_t count = 0;
    std::int64_t position = 0;  ///< of the first row
    /// Turns with the ropes' long frequencies: a property of the whole text.
    bool long_text = false;
};

/// Rows of a query matrix that belong to one span.
struct QueryRun {
    std::size_t span = 0;
    std::int64_t first_row = 0;  ///< in the query matrix
    std::int64_t count = 0;
    std::int64_t position = 0;  ///< of the first
};

/// What the head needs to know of a row's logits over some of the vocabulary.
struct LogitSummary {
    float maximum = 0.0F;
    std::int64_t place = 0;  ///< of the first maximum, within the columns summarised
    double sum = 0.0;        ///< of exp(logit - maximum)
};

/// Which rows of a forward a product is given: all, or some that were picked.
enum class Rows : std::uint8_t { all, some };

/// What those who call a backend should know of it.
struct BackendTraits {
    /// Where a text is cut into states shows in its bits: only its own request may decide that.
    bool cuts_show = false;
    /// Logits are far from the processor: fetch the best ids rather than all logits.
    bool far = false;
    std::int64_t step_rows = 128;       ///< texts that grow at the same time
    std::int64_t logit_columns = 4096;  ///< of the vocabulary at a time; part of the numerics
};

/// The parts of a forward pass, on one kind of device. The residual
/// stream is float32 whatever the dtype; "activations" have the dtype of the weights.
/// Rows of every result depend on nothing but the same rows of the arguments (and, in `attend`, on
/// the states of their own text).
class Backend {
public:
    virtual ~Backend() = default;

    [[nodiscard]] virtual std::shared_ptr<KvState> allocate(std::int64_t first,
                                                            std::int64_t capacity) = 0;

    /// Announces a forward of these spans, before it stores or attends. `shape`: the rows that all
    /// forwards of its kind may have; 0: any number. Returns how many rows to compute, the spans'
    /// or more; nobody reads what the surplus ones hold.
    [[nodiscard]] virtual std::int64_t begin(const std::vector<Span>& spans,
                                             [[maybe_unused]] std::int64_t shape) {
        return spans.empty() ? 0 : spans.back().first_row + spans.back().count;
    }

    /// Announces a step of generation: each span is one row, in order, and all rows are wanted.
    /// Returns how many to compute, as `begin` does. Requires: at most `step_rows` spans.
    [[nodiscard]] virtual std::int64_t begin_step(const std::vector<Span>& spans) {
        return begin(spans, 0);
    }

    /// The layers of a step: from the residual stream [rows, hidden] to final states.
    using StepLayers = std::function<at::Tensor(at::Tensor hidden)>;

    /// Computes the announced step: calls `layers`, or does again what an earlier call of it did.
    /// The result holds until the next step.
    [[nodiscard]] virtual at::Tensor step(const at::Tensor& hidden, const StepLayers& layers) {
        return layers(hidden);
    }

    [[nodiscard]] virtual BackendTraits traits() const { return {}; }

    /// Gives back what is kept from call to call, and the memory of states, if there are none.
    virtual void release() {}

    /// Activations [rows, in] to activations [rows, out].
    [[nodiscard]] virtual at::Tensor linear(const at::Tensor& x, const Linear& layer,
                                            Rows rows) = 0;

    /// The same rows through several layers.
    [[nodiscard]] virtual std::vector<at::Tensor> linears(const at::Tensor& x,
                                                          std::span<const Linear* const> layers,
                                                          Rows rows) {
        std::vector<at::Tensor> ys;
        for (const Linear* layer : layers) ys.push_back(linear(x, *layer, rows));
        return ys;
    }

    /// Activations [rows, in] to float32 logits [rows, out], soft-capped when the model's are.
    [[nodiscard]] virtual at::Tensor logits(const at::Tensor& x, const Linear& head) = 0;

    /// hidden += delta unless it is undefined; returns the normalised hidden as activations, or
    /// hidden itself as activations for a norm without weight. The last dimension is normalised.
    [[nodiscard]] virtual at::Tensor add_norm(at::Tensor& hidden, const at::Tensor& delta,
                                              const Norm& norm) = 0;

    /// activation(gate) * up, or activation(gate) when `up` is undefined; [rows, feed_forward].
    [[nodiscard]] virtual at::Tensor activate(Activation activation, const at::Tensor& gate,
                                              const at::Tensor& up) = 0;

    /// Turns keys [rows, key_value_heads * head_dim] as the layer's rope says and stores them with
    /// the values in the last state of each span.
    virtual void store(std::int64_t layer, const at::Tensor& keys, const at::Tensor& values,
                       const std::vector<Span>& spans) = 0;

    /// Turns queries [rows, heads * head_dim] and attends to those states of their spans that the
    /// layer's reach lets each see. Requires: the runs cover the rows; what looks ahead finds its
    /// whole text stored. Returns [rows, heads * head_dim].
    [[nodiscard]] virtual at::Tensor attend(std::int64_t layer, const at::Tensor& queries,
                                            const std::vector<QueryRun>& runs,
                                            const std::vector<Span>& spans) = 0;

    /// Of each row of float32 logits [rows, columns].
    [[nodiscard]] virtual std::vector<LogitSummary> summarise(const at::Tensor& logits) = 0;

    /// The same; `sum` may be anything.
    [[nodiscard]] virtual std::vector<LogitSummary> best(const at::Tensor& logits) {
        return summarise(logits);
    }

    /// Part of ModelInfo::numerics: names what decides the bits of this backend.
    [[nodiscard]] virtual std::string numerics() const = 0;
};

/// Own kernels for the processor; float32 or bfloat16.
[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend(const ModelSpec& spec,
                                                        at::ScalarType dtype);
/// ATen operators alone, on any device: slow, short, and the yardstick for the others in tests.
[[nodiscard]] std::unique_ptr<Backend> make_aten_backend(const ModelSpec& spec,
                                                         at::ScalarType dtype, at::Device device);

}  // namespace evoke::lm
