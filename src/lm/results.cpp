#include "evoke/lm/language_model.hpp"

namespace evoke::lm {

double ScoreResult::logprob() const {
    double sum = 0.0;
    for (const float logprob : token_logprobs) sum += static_cast<double>(logprob);
    return sum;
}

}  // namespace evoke::lm
