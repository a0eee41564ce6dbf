#include "support/linear_rate.hpp"

#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "lm/backend.hpp"
#include "lm/families.hpp"

namespace evoke::test {

namespace {

template <class Call>
double seconds_of(Call&& call) {
    const auto start = std::chrono::steady_clock::now();
    call();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

ProductTimes time_products(const std::filesystem::path& model, const std::string& dtype, int rounds,
                           const std::vector<ProductShape>& shapes) {
    const c10::InferenceMode inference;
    const auto type = dtype == "bfloat16" ? at::kBFloat16 : at::kFloat;
    const auto backend = lm::make_cpu_backend(lm::read_model_spec(model), type);
    ProductTimes total;
    for (const ProductShape& shape : shapes) {
        const auto options = at::TensorOptions{}.dtype(at::kFloat);
        const at::Tensor x = at::randn({shape.rows, shape.depth}, options).to(type);
        std::vector<lm::Linear> layers;
        for (std::int64_t i = 0; i < shape.count; ++i)
            layers.push_back(
                {.weight = at::randn({shape.columns, shape.depth}, options).to(type), .bias = {}});
        ProductTimes best{std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
        for (int round = 0; round < rounds; ++round) {
            best.own = std::min(best.own, seconds_of([&] {
                                    for (const auto& layer : layers)
                                        (void)backend->linear(x, layer, lm::Rows::all);
                                }));
            best.library = std::min(best.library, seconds_of([&] {
                                        for (const auto& layer : layers)
                                            (void)at::linear(x, layer.weight);
                                    }));
        }
        total.own += best.own;
        total.library += best.library;
    }
    return total;
}

}  // namespace evoke::test
