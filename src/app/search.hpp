#pragma once

#include <functional>
#include <map>
#include <string>

#include "evoke/cluster/cluster.hpp"
#include "evoke/config/job.hpp"
#include "evoke/core/hash.hpp"
#include "evoke/evaluation/task.hpp"
#include "evoke/lm/language_model.hpp"
#include "evoke/text/tokenizer.hpp"

namespace evoke::app {

enum class ResumeMode {
    automatic,  ///< continue what is there, else start
    never,      ///< refuse a run that exists
    require,    ///< refuse to start anew
};

/// What a search needs besides its folder.
struct SearchInputs {
    const config::Job& job;
    const evaluation::Task& task;
    const lm::ModelInfo& model;
    const text::Tokenizer& tokenizer;
    const lm::ModelInfo* proposer = nullptr;  ///< nullptr: the model proposes for itself
    Sha256 probe{};
    ResumeMode resume = ResumeMode::automatic;
    std::size_t ranks = 1;
    bool terminal = false;
};

enum class SearchEnd { finished, interrupted, terminated, walltime };

/// The whole search on rank 0: takes the run's lock, starts or resumes, writes a file for each
/// generation, takes the test at the end.
/// Throws RunFolderError (locked, differs, none verifies) and EnvironmentError (disk full, a unit
/// that fails for good); what is committed stays intact.
[[nodiscard]] SearchEnd run_search(const SearchInputs& inputs, cluster::WorkQueue& queue);

/// Hex SHA-256 of what must be equal for a resume, by name.
[[nodiscard]] std::map<std::string, std::string> identities_of(const SearchInputs& inputs);

}  // namespace evoke::app
