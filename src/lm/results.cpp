#include "evoke/core/error.hpp"
#include "evoke/lm/language_model.hpp"

namespace evoke::lm {

double ScoreResult::logprob() const {
    double sum = 0.0;
    for (const float logprob : token_logprobs) sum += static_cast<double>(logprob);
    return sum;
}

std::vector<MaskedResult> LanguageModel::score_masked(std::span<const MaskedRequest>) {
    throw InputError{"score_masked: expected a masked model, found a causal one"};
}

std::vector<GradientResult> LanguageModel::gradient(std::span<const GradientRequest>) {
    throw InputError{"gradient: this model gives none"};
}

}  // namespace evoke::lm
