#include "lm/cuda/kernel_ops.hpp"

#ifdef EVOKE_CUDA_KERNELS
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <string>
#include <utility>

#include "evoke/core/error.hpp"
#include "lm/cuda/kernels.hpp"
#endif

namespace evoke::lm::cuda {

#ifdef EVOKE_CUDA_KERNELS

namespace {

using kernels::Number;

/// Runs a kernel where a tensor lies, on the stream that libtorch uses there.
class Launch {
public:
    explicit Launch(const at::Tensor& where)
        : guard_{where.device()},
          stream_{c10::impl::VirtualGuardImpl{c10::DeviceType::CUDA}
                      .getStream(where.device())
                      .native_handle()},
          number_{where.scalar_type() == at::kHalf ? Number::float16 : Number::bfloat16} {}

    template <class Arguments>
    void operator()(const char* (*kernel)(const Arguments&, Number, void*),
                    const Arguments& arguments) const {
        check(kernel(arguments, number_, stream_));
    }
    template <class Arguments>
    void operator()(const char* (*kernel)(const Arguments&, void*),
                    const Arguments& arguments) const {
        check(kernel(arguments, stream_));
    }

private:
    static void check(const char* error) {
        if (error != nullptr) throw EnvironmentError{std::string{"CUDA kernel: "} + error};
    }

    c10::DeviceGuard guard_;
    void* stream_;
    Number number_;
};

template <class T>
const T* data_of(const at::Tensor& x) {
    return x.defined() ? static_cast<const T*>(x.const_data_ptr()) : nullptr;
}

template <class T>
T* mutable_data_of(const at::Tensor& x) {
    return static_cast<T*>(x.mutable_data_ptr());
}

at::Tensor contiguous(const at::Tensor& x) {
    return x.defined() ? x.contiguous() : x;
}

at::Tensor add_norm(at::Tensor& hidden, const at::Tensor& delta, const Norm& norm,
                    const NormShape& shape, at::ScalarType dtype) {
    hidden = hidden.contiguous();
    const at::Tensor added = contiguous(delta);
    at::Tensor out = at::empty(hidden.sizes(), hidden.options().dtype(dtype));
    const std::int64_t size = hidden.size(-1);
    const Launch launch{out};
    launch(kernels::add_norm, {.hidden = mutable_data_of<float>(hidden),
                               .delta = data_of<void>(added),
                               .weight = data_of<float>(norm.weight),
                               .bias = data_of<float>(norm.bias),
                               .out = mutable_data_of<void>(out),
                               .rows = hidden.numel() / size,
                               .size = size,
                               .epsilon = static_cast<float>(shape.epsilon),
                               .centred = shape.kind == NormKind::layer});
    return out;
}

at::Tensor activate(Activation activation, const at::Tensor& gate, const at::Tensor& up) {
    const at::Tensor from = gate.contiguous();
    const at::Tensor other = contiguous(up);
    at::Tensor out = at::empty_like(from);
    const Launch launch{out};
    launch(kernels::activate, {.gate = data_of<void>(from),
                               .up = data_of<void>(other),
                               .out = mutable_data_of<void>(out),
                               .count = from.numel(),
                               .activation = static_cast<int>(activation)});
    return out;
}

kernels::Rotate rotation(const at::Tensor& x, const Turns& turns, const at::Tensor& places) {
    const bool turning = turns.cosines.defined();
    return {.x = data_of<void>(x),
            .out = nullptr,
            .cosines = data_of<float>(turns.cosines),
            .sines = data_of<float>(turns.sines),
            .places = data_of<std::int64_t>(places),
            .slots = nullptr,
            .growth = nullptr,
            .rows = places.size(0),
            .heads = x.size(1),
            .head_dim = x.size(2),
            .pairs = turning ? turns.cosines.size(1) : 0};
}

at::Tensor rotate(const at::Tensor& queries, const Turns& turns, const at::Tensor& places,
                  const at::Tensor& growth) {
    const at::Tensor from = queries.contiguous();
    at::Tensor out = at::empty_like(from);
    kernels::Rotate arguments = rotation(from, turns, places);
    arguments.out = mutable_data_of<void>(out);
    arguments.growth = data_of<float>(growth);
    const Launch launch{out};
    launch(kernels::rotate, arguments);
    return out;
}

void store(const NewStates& states, const Turns& turns) {
    const at::Tensor from = states.keys.contiguous();
    const at::Tensor values = states.values.contiguous();
    kernels::Store arguments{.keys = rotation(from, turns, states.places),
                             .values = data_of<void>(values),
                             .value_store = mutable_data_of<void>(states.value_store)};
    arguments.keys.out = mutable_data_of<void>(states.key_store);
    arguments.keys.slots = data_of<std::int64_t>(states.slots);
    const Launch launch{states.key_store};
    launch(kernels::store, arguments);
}

Attended merge(std::span<const Attended> parts) {
    Attended merged{.out = at::empty_like(parts[0].out),
                    .log_sum = at::empty_like(parts[0].log_sum)};
    kernels::Merge arguments{.outs = {},
                             .log_sums = {},
                             .count = static_cast<int>(parts.size()),
                             .out = mutable_data_of<void>(merged.out),
                             .log_sum = mutable_data_of<float>(merged.log_sum),
                             .rows = merged.out.size(0),
                             .heads = merged.out.size(1),
                             .head_dim = merged.out.size(2)};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        arguments.outs[i] = data_of<void>(parts[i].out);
        arguments.log_sums[i] = data_of<float>(parts[i].log_sum);
    }
    const Launch launch{merged.out};
    launch(kernels::merge, arguments);
    return merged;
}

RowSummaries summarise(const at::Tensor& logits) {
    const at::Tensor from = logits.contiguous();
    const auto rows = [&](at::ScalarType dtype) {
        return at::empty({from.size(0)}, from.options().dtype(dtype));
    };
    RowSummaries summaries{rows(at::kFloat), rows(at::kLong), rows(at::kDouble)};
    const Launch launch{from};
    launch(kernels::summarise, {.logits = data_of<float>(from),
                                .maximum = mutable_data_of<float>(summaries.maximum),
                                .place = mutable_data_of<std::int64_t>(summaries.place),
                                .sum = mutable_data_of<double>(summaries.sum),
                                .rows = from.size(0),
                                .columns = from.size(1)});
    return summaries;
}

static_assert(most_parts == kernels::Merge::most);

}  // namespace

bool kernels_take(at::ScalarType dtype, at::Device device) {
    return device.is_cuda() && (dtype == at::kBFloat16 || dtype == at::kHalf);
}

DeviceOps with_kernels(DeviceOps ops) {
    ops.add_norm = add_norm;
    ops.activate = activate;
    ops.rotate = rotate;
    ops.store = store;
    ops.merge = merge;
    ops.summarise = summarise;
    return ops;
}

#else

bool kernels_take(at::ScalarType, at::Device) {
    return false;
}

DeviceOps with_kernels(DeviceOps ops) {
    return ops;
}

#endif

}  // namespace evoke::lm::cuda
