#include "evoke/evaluation/estimate.hpp"

#include <algorithm>

#include "evaluation/answer_kind.hpp"

namespace evoke::evaluation {

namespace {

GenomeCost mean_cost(std::span<const QuestionCost> costs) {
    GenomeCost mean;
    if (costs.empty()) return mean;
    mean.shared_tokens = costs.front().shared;
    for (const QuestionCost& cost : costs) {
        mean.prompt_tokens += static_cast<double>(cost.prompt);
        mean.label_tokens += static_cast<double>(cost.label);
        mean.shared_tokens = std::min(mean.shared_tokens, cost.shared);
        mean.longest = std::max(mean.longest, cost.longest);
    }
    const auto count = static_cast<double>(costs.size());
    mean.prompt_tokens /= count;
    mean.label_tokens /= count;
    return mean;
}

GenomeCost mean_cost(std::span<const GenomeCost> costs) {
    GenomeCost mean;
    if (costs.empty()) return mean;
    std::size_t shared = 0;
    for (const GenomeCost& cost : costs) {
        mean.prompt_tokens += cost.prompt_tokens;
        mean.label_tokens += cost.label_tokens;
        shared += cost.shared_tokens;
        mean.longest = std::max(mean.longest, cost.longest);
    }
    const auto count = static_cast<double>(costs.size());
    mean.prompt_tokens /= count;
    mean.label_tokens /= count;
    mean.shared_tokens = shared / costs.size();
    return mean;
}

}  // namespace

CostEstimate estimate(const Task& task, const text::Tokenizer& tokenizer,
                      std::span<const population::Genome> genomes, const text::ChatTemplate* chat) {
    const AnswerKind& kind = *find_answer_kind(task.options().answer);
    CostEstimate estimate{.examples = task.dev().size()};
    // Genome by genome, so that only one genome's requests are in memory.
    for (const population::Genome& genome : genomes) {
        const auto costs = kind.cost({.task = task,
                                      .tokenizer = tokenizer,
                                      .chat = task.options().chat ? chat : nullptr,
                                      .genomes = {&genome, 1},
                                      .examples = task.dev()});
        estimate.genomes.push_back(mean_cost(std::span<const QuestionCost>{costs}));
        for (const QuestionCost& cost : costs) {
            estimate.generated_tokens = std::max(estimate.generated_tokens, cost.generated);
        }
    }
    estimate.mean = mean_cost(std::span<const GenomeCost>{estimate.genomes});
    return estimate;
}

}  // namespace evoke::evaluation
