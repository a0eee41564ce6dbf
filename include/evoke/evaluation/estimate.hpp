#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "evoke/evaluation/task.hpp"
#include "evoke/population/genome.hpp"
#include "evoke/text/chat_template.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::evaluation {

/// What evaluating a genome on one example of dev costs. Means are exact: every example is rendered
/// and tokenised.
struct GenomeCost {
    double prompt_tokens = 0;       ///< mean of Outcome::prompt_tokens
    double label_tokens = 0;        ///< the part of it that is labels (or the target)
    std::size_t shared_tokens = 0;  ///< the part that all examples share, computed once a unit
    std::size_t longest = 0;  ///< ids of the longest single request: more than the model's context
                              ///< makes the genome infeasible
};

struct CostEstimate {
    std::vector<GenomeCost> genomes;  ///< as given
    GenomeCost mean;                  ///< over the genomes; `longest` is the longest of all
    std::size_t examples = 0;         ///< of dev
    /// At most, of one example; 0 when nothing is generated.
    std::size_t generated_tokens = 0;
};

/// Needs data and tokenizer, no weights. The caller multiplies by individuals and generations.
/// `chat` as for Renderer: required when the task wants it.
[[nodiscard]] CostEstimate estimate(const Task& task, const text::Tokenizer& tokenizer,
                                    std::span<const population::Genome> genomes,
                                    const text::ChatTemplate* chat = nullptr);

}  // namespace evoke::evaluation
