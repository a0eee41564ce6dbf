#pragma once

#include <string_view>

#include "evoke/config/job.hpp"

namespace evoke::config {

/// Calls `visit(name, options, meaning)` for every table that describes itself, in the order of
/// docs/jobs.md. [objectives] is the one table that does not: its keys are measures.
template <class AnyJob, class Visitor>
void for_each_table(AnyJob& job, Visitor&& visit) {
    visit("run", job.run, "what the run is called and where it lies");
    visit("model", job.model, "the model whose prompts are searched");
    if (job.proposer) {
        visit("proposer", *job.proposer,
              "a second model, for operators that ask a model; without this table [model] proposes "
              "for itself");
    }
    visit("task", job.task, "the data, how it is shown to the model, and what is measured");
    visit("search", job.search, "the search method and its options");
    visit("budget", job.budget, "limits; whichever comes first ends or stops the search");
    visit("checkpoint", job.checkpoint, "files of a run");
    visit("cluster", job.cluster, "how work is cut and lent to the ranks; changes no result");
}

inline constexpr std::string_view objectives_table = "objectives";

}  // namespace evoke::config
