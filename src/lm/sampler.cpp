#include "lm/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "evoke/core/error.hpp"

namespace evoke::lm {

namespace {

void penalise(std::vector<float>& logits, std::span<const TokenId> history, double penalty) {
    std::vector<TokenId> seen{history.begin(), history.end()};
    std::ranges::sort(seen);
    const auto repeated = std::ranges::unique(seen);
    seen.erase(repeated.begin(), repeated.end());
    const auto factor = static_cast<float>(penalty);
    for (const TokenId id : seen) {
        float& logit = logits[static_cast<std::size_t>(id)];
        logit = logit < 0.0F ? logit * factor : logit / factor;
    }
}

struct Candidate {
    TokenId id;
    double weight;  ///< exp((logit - maximum) / temperature)
};

bool more_probable(const Candidate& a, const Candidate& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
}

double total(const std::vector<Candidate>& candidates) {
    return std::accumulate(candidates.begin(), candidates.end(), 0.0,
                           [](double sum, const Candidate& c) { return sum + c.weight; });
}

void keep_top_k(std::vector<Candidate>& candidates, std::size_t count) {
    if (count >= candidates.size()) return;
    const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(count);
    std::nth_element(candidates.begin(), end - 1, candidates.end(), more_probable);
    candidates.erase(end, candidates.end());
}

/// The fewest most probable candidates whose probabilities reach `share`.
void keep_top_p(std::vector<Candidate>& candidates, double share) {
    std::ranges::sort(candidates, more_probable);
    const double enough = share * total(candidates);
    double sum = 0.0;
    std::size_t count = 0;
    while (count < candidates.size() && (count == 0 || sum < enough))
        sum += candidates[count++].weight;
    candidates.resize(count);
}

std::vector<Candidate> candidates_of(std::span<const float> logits, const Sampling& sampling) {
    const double maximum = *std::ranges::max_element(logits);
    std::vector<Candidate> candidates;
    candidates.reserve(logits.size());
    for (std::size_t id = 0; id < logits.size(); ++id) {
        const double weight =
            std::exp((static_cast<double>(logits[id]) - maximum) / sampling.temperature);
        candidates.push_back({static_cast<TokenId>(id), weight});
    }
    return candidates;
}

TokenId draw(std::vector<Candidate>& candidates, double uniform) {
    std::ranges::sort(candidates, {}, &Candidate::id);
    const double wanted = uniform * total(candidates);
    double sum = 0.0;
    for (const Candidate& candidate : candidates) {
        sum += candidate.weight;
        if (sum > wanted) return candidate.id;
    }
    return candidates.back().id;
}

}  // namespace

TokenId sample(std::span<const float> logits, const Sampling& sampling,
               std::span<const TokenId> history, double uniform) {
    std::vector<float> penalised;
    if (sampling.repetition_penalty != 1.0) {
        penalised.assign(logits.begin(), logits.end());
        penalise(penalised, history, sampling.repetition_penalty);
        logits = penalised;
    }
    if (sampling.temperature == 0.0)
        return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());

    std::vector<Candidate> candidates = candidates_of(logits, sampling);
    if (sampling.top_k > 0) keep_top_k(candidates, static_cast<std::size_t>(sampling.top_k));
    if (sampling.top_p < 1.0) keep_top_p(candidates, sampling.top_p);
    if (sampling.min_p > 0.0)  // The most probable weighs 1.
        std::erase_if(candidates, [&](const Candidate& c) { return c.weight < sampling.min_p; });
    return draw(candidates, uniform);
}

void check_sampling(const Sampling& sampling) {
    Diagnostics mistakes;
    const auto require = [&](bool holds, const char* name, const char* expected, double found) {
        if (!holds)
            mistakes.add({.what = name, .expected = expected, .found = std::to_string(found)});
    };
    require(std::isfinite(sampling.temperature) && sampling.temperature >= 0.0, "temperature",
            "a number from 0", sampling.temperature);
    require(sampling.top_p > 0.0 && sampling.top_p <= 1.0, "top_p", "a number in (0, 1]",
            sampling.top_p);
    require(sampling.top_k >= 0, "top_k", "an integer from 0", sampling.top_k);
    require(sampling.min_p >= 0.0 && sampling.min_p <= 1.0, "min_p", "a number in [0, 1]",
            sampling.min_p);
    require(std::isfinite(sampling.repetition_penalty) && sampling.repetition_penalty > 0.0,
            "repetition_penalty", "a number above 0", sampling.repetition_penalty);
    mistakes.throw_if_any();
}

}  // namespace evoke::lm
