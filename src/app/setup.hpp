#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evoke/cluster/cluster.hpp"
#include "evoke/config/job.hpp"
#include "evoke/evaluation/evaluator.hpp"
#include "evoke/evaluation/task.hpp"
#include "evoke/evolution/algorithm.hpp"
#include "evoke/lm/language_model.hpp"

namespace evoke::app {

/// How a job is named on the command line.
struct JobArguments {
    std::filesystem::path file;
    std::vector<std::string> overrides;  ///< --set
};

/// A job whose every mistake is out of the way: its data are read, its models' headers looked at.
/// No weights are loaded.
struct Prepared {
    config::Job job;
    std::shared_ptr<const evaluation::Task> task;
    lm::ModelInfo model;
    std::optional<lm::ModelInfo> proposer;
};

/// Throws InputError with all mistakes at once, or LoadError when a model folder cannot be used.
[[nodiscard]] Prepared prepare(const JobArguments& arguments);

/// The problem that a job poses: first genomes, objectives, dev block, what operators may see.
[[nodiscard]] evolution::Problem problem_of(const config::Job& job, const evaluation::Task& task);

/// A rank's place on its host: which GPU and how many cores are its share.
struct RankPlace {
    int local_rank = 0;
    int local_size = 1;
};

/// One loaded replica with what answers units on it. Shared with the model thread, which may
/// outlive whoever made it.
struct Replica {
    std::shared_ptr<const evaluation::Task> task;
    std::unique_ptr<lm::LanguageModel> model;
    std::unique_ptr<lm::LanguageModel> proposer;  ///< null: the model proposes for itself
    std::unique_ptr<evaluation::Evaluator> evaluator;
    cluster::Progress progress{0};

    [[nodiscard]] lm::LanguageModel& proposing() { return proposer ? *proposer : *model; }
    /// "cpu, 2 threads" or the GPU.
    [[nodiscard]] std::string device_text() const;
};

/// Loads the job's models for this rank. Throws LoadError.
[[nodiscard]] std::shared_ptr<Replica> load_replica(const Prepared& prepared, RankPlace place);

/// Device and threads of a rank: local rank modulo the visible GPUs; cores divided by local ranks,
/// or all that it may use where the launcher bound it to some.
[[nodiscard]] lm::ModelOptions placed(lm::ModelOptions options, RankPlace place);

}  // namespace evoke::app
