#include "lm/replica.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <charconv>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "evoke/core/error.hpp"
#include "lm/cuda/cuda_backend.hpp"
#include "lm/families.hpp"
#include "lm/generation.hpp"
#include "lm/gradient.hpp"
#include "lm/machine.hpp"
#include "lm/masked_scoring.hpp"
#include "lm/memory_budget.hpp"
#include "lm/residency.hpp"
#include "lm/scoring.hpp"

namespace evoke::lm {

namespace {

at::Device choose_device(const std::string& wanted) {
    const int devices = static_cast<int>(at::getNumGPUs());
    if (wanted == "cpu" || (wanted == "auto" && devices == 0)) return at::kCPU;
    if (wanted == "auto" || wanted == "cuda" || wanted.starts_with("cuda:")) {
        int number = 0;
        if (wanted.starts_with("cuda:")) {
            const char* end = wanted.data() + wanted.size();
            const auto parsed = std::from_chars(wanted.data() + 5, end, number);
            if (parsed.ec != std::errc{} || parsed.ptr != end) number = -1;
        }
        if (number >= 0 && number < devices)
            return {at::kCUDA, static_cast<c10::DeviceIndex>(number)};
        throw InputError{{.what = "device",
                          .expected = devices == 0
                                          ? "cpu: no CUDA device is visible"
                                          : "cuda:0 to cuda:" + std::to_string(devices - 1),
                          .found = wanted}};
    }
    throw InputError{{.what = "device", .expected = "cpu, cuda, cuda:N or auto", .found = wanted}};
}

at::ScalarType stored_dtype(const ModelSpec& spec, const Checkpoint& checkpoint) {
    if (spec.checkpoint_dtype == "bfloat16") return at::kBFloat16;
    if (spec.checkpoint_dtype == "float16") return at::kHalf;
    if (spec.checkpoint_dtype == "float32") return at::kFloat;
    switch (checkpoint.commonest_type()) {
        case StoredType::bfloat16:
            return at::kBFloat16;
        case StoredType::float16:
            return at::kHalf;
        default:
            return at::kFloat;
    }
}

at::ScalarType choose_dtype(const std::string& wanted, at::Device device, at::ScalarType stored) {
    if (wanted == "float32") return at::kFloat;
    if (wanted == "bfloat16") return at::kBFloat16;
    if (wanted == "float16") {
        if (device.is_cuda()) return at::kHalf;
        throw InputError{
            {.what = "dtype", .expected = "float32 or bfloat16 on the processor", .found = wanted}};
    }
    if (wanted != "auto")
        throw InputError{
            {.what = "dtype", .expected = "auto, float32, bfloat16 or float16", .found = wanted}};
    if (device.is_cuda()) return stored;
    return processor_prefers_bfloat16() ? at::kBFloat16 : at::kFloat;
}

std::string dtype_name(at::ScalarType dtype) {
    if (dtype == at::kBFloat16) return "bfloat16";
    return dtype == at::kHalf ? "float16" : "float32";
}

/// Runs `work`; running out of memory becomes EnvironmentError.
template <class Work>
auto with_typed_errors(Work&& work) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        throw EnvironmentError{
            "out of memory in the language model; a smaller chunk_tokens needs "
            "less"};
    } catch (const c10::Error& error) {
        if (is_out_of_memory(error))
            throw EnvironmentError{std::string{"out of memory in the language model: "} +
                                   error.what_without_backtrace()};
        throw Error{ExitCode::bug, error.what_without_backtrace()};
    }
}

template <class Work>
auto inferring(Work&& work) {
    return with_typed_errors([&] {
        const c10::InferenceMode inference;
        return work();
    });
}

std::unique_ptr<Backend> make_backend(const ModelSpec& spec, at::ScalarType dtype,
                                      at::Device device, BackendKind kind,
                                      std::int64_t most_slots) {
    const bool reference = kind == BackendKind::reference;
    const bool packed = kind == BackendKind::packed;
    if (!reference && !packed && device.is_cpu()) return make_cpu_backend(spec, dtype);
    if (!reference && runs_packed(spec))
        return make_cuda_backend(
            spec, dtype, device, cuda::best_ops(spec, dtype, device),
            {.most_slots = most_slots,
             .recorder = kind == BackendKind::eager ? nullptr : cuda::make_recorder(device)});
    return make_aten_backend(spec, dtype, device);
}

class Replica final : public LanguageModel {
public:
    /// `options`: with the chunk_tokens that hold.
    Replica(const ModelOptions& options, Transformer transformer, ModelInfo info,
            std::unique_ptr<const text::Tokenizer> tokenizer)
        : chunk_tokens_{options.chunk_tokens},
          dtype_{transformer.weights().embedding.scalar_type()},
          device_{transformer.weights().embedding.device()},
          transformer_{std::move(transformer)},
          head_{transformer_.weights().head, transformer_.backend()},
          residency_{prefix_cache_bytes(options, device_),
                     static_cast<std::size_t>(transformer_.backend().traits().step_rows)},
          cache_{residency_.cache_bytes()},
          info_{std::move(info)},
          tokenizer_{std::move(tokenizer)} {}

    std::vector<ScoreResult> score(std::span<const ScoreRequest> requests) override {
        require_kind(false, "score");
        return within_memory([&] { return score_requests(requests, machine(), head_); });
    }

    std::vector<MaskedResult> score_masked(std::span<const MaskedRequest> requests) override {
        require_kind(true, "score_masked");
        return within_memory([&] { return score_masks(requests, machine(), head_); });
    }

    std::vector<GenerateResult> generate(std::span<const GenerateRequest> requests) override {
        require_kind(false, "generate");
        return within_memory(
            [&] { return generate_requests(requests, machine(), head_, *tokenizer_); });
    }

    std::vector<GradientResult> gradient(std::span<const GradientRequest> requests) override {
        return with_typed_errors([&] {
            if (!differentiable_)
                differentiable_.emplace(transformer_.spec(), transformer_.weights(),
                                        make_aten_backend(transformer_.spec(), dtype_, device_));
            std::vector<GradientResult> results;
            for (const GradientRequest& request : requests) {
                results.push_back(trigger_gradient(request, *differentiable_, results.size()));
                if (progress_) progress_();
            }
            return results;
        });
    }

    const text::Tokenizer& tokenizer() const override { return *tokenizer_; }
    const ModelInfo& info() const override { return info_; }
    void on_progress(std::function<void()> callback) override { progress_ = std::move(callback); }

private:
    void require_kind(bool masked, const char* call) const {
        if (info_.masked != masked)
            throw InputError{{.what = call,
                              .expected = masked ? "a masked model" : "a causal model",
                              .found = "a model of type '" + info_.model_type + "'"}};
    }

    /// Where memory runs out on a device, `work` is done again with less in it; answers are the
    /// same, as they depend on their requests alone.
    template <class Work>
    std::invoke_result_t<Work> within_memory(const Work& work) {
        return inferring([&] {
            while (true) {
                std::string reason;
                try {
                    return work();
                } catch (const c10::Error& error) {
                    reason = error.what_without_backtrace();
                    if (!transformer_.backend().traits().far || !is_out_of_memory(error)) throw;
                    if (!residency_.lower(reason.substr(0, reason.find('\n')))) throw;
                }
                cache_.restart(residency_.cache_bytes());
                transformer_.backend().release();
                if (!device_.is_cpu()) c10::getDeviceAllocator(device_.type())->emptyCache();
            }
        });
    }

    TreeMachine machine() {
        return {.transformer = transformer_,
                .cache = cache_,
                .chunk_tokens = chunk_tokens_,
                .progress = progress_,
                .most_texts = residency_.texts()};
    }

    std::int64_t chunk_tokens_;
    at::ScalarType dtype_;
    at::Device device_;
    Transformer transformer_;
    std::optional<Transformer> differentiable_;  ///< on the same weights, made when first needed
    Head head_;
    Residency residency_;
    PrefixCache cache_;
    ModelInfo info_;
    std::unique_ptr<const text::Tokenizer> tokenizer_;
    std::function<void()> progress_;
};

}  // namespace

std::unique_ptr<LanguageModel> load_replica(const ModelOptions& options,
                                            std::unique_ptr<const text::Tokenizer> tokenizer,
                                            BackendKind kind, std::int64_t most_slots) {
    const std::filesystem::path folder{options.path};
    ModelSpec spec = read_model_spec(folder);
    const auto checkpoint = std::make_shared<const Checkpoint>(folder);
    require_tensors(spec, *checkpoint);
    if (static_cast<std::int64_t>(tokenizer->vocabulary_size()) > spec.vocabulary)
        throw LoadError{folder, "the tokenizer has " +
                                    std::to_string(tokenizer->vocabulary_size()) +
                                    " ids, the embedding only " + std::to_string(spec.vocabulary)};
    checkpoint->require_finite();

    const int threads = options.threads > 0 ? options.threads : available_cores();
    at::set_num_threads(threads);
    return with_typed_errors([&]() -> std::unique_ptr<LanguageModel> {
        // Not inference mode: gradients pass through the weights, though never into them.
        const at::NoGradGuard no_gradients;
        const at::Device device = choose_device(options.device);
        const at::ScalarType dtype =
            choose_dtype(options.dtype, device, stored_dtype(spec, *checkpoint));
        ModelOptions chosen = options;
        chosen.chunk_tokens =
            static_cast<int>(chunk_tokens(options, spec, checkpoint->parameters(), dtype, device));
        auto backend = make_backend(spec, dtype, device, kind, most_slots);
        const std::string kind_of_device = device.is_cpu() ? "cpu" : "cuda";
        ModelInfo info{
            .model_type = spec.model_type,
            .masked = spec.masked,
            .vocabulary_size = static_cast<std::size_t>(spec.vocabulary),
            .context_length = static_cast<std::size_t>(spec.context),
            .parameters = checkpoint->parameters(),
            .dtype = dtype_name(dtype),
            .device = device.str(),
            .hardware = device.is_cpu() ? processor_name() : gpu_name(device.index()),
            .threads = threads,
            .identity = checkpoint->identity(),
            .numerics = kind_of_device + " " + dtype_name(dtype) + " " + backend->numerics()};
        // There the shape of a forward, which this number is, decides which kernels compute it.
        if (backend->traits().far)
            info.numerics += " chunks of " + std::to_string(chosen.chunk_tokens);
        ModelWeights weights = load_weights(spec, checkpoint, dtype, device);
        Transformer transformer{std::move(spec), std::move(weights), std::move(backend)};
        return std::make_unique<Replica>(chosen, std::move(transformer), std::move(info),
                                         std::move(tokenizer));
    });
}

}  // namespace evoke::lm
