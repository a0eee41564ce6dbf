#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "evoke/checkpoint/options.hpp"
#include "evoke/cluster/options.hpp"
#include "evoke/core/error.hpp"
#include "evoke/core/hash.hpp"
#include "evoke/core/options.hpp"
#include "evoke/evaluation/options.hpp"
#include "evoke/evolution/options.hpp"
#include "evoke/lm/options.hpp"
#include "evoke/population/objective.hpp"

namespace evoke::config {

/// The table [run].
struct RunOptions {
    std::string name;
    std::int64_t seed = 0;
    std::string output = "runs";

    static constexpr auto rows() {
        using R = RunOptions;
        return std::tuple{
            OptionRow{.name = "name",
                      .member = &R::name,
                      .meaning = "name of the run's folder below `output`",
                      .required = true},
            OptionRow{.name = "seed",
                      .member = &R::seed,
                      .meaning = "the seed that everything random is keyed by",
                      .minimum = 0,
                      .maximum = 9e15},
            OptionRow{.name = "output",
                      .member = &R::output,
                      .meaning = "folder of runs",
                      .kind = KeyKind::free,
                      .path = PathKind::output},
        };
    }
};

/// The table [budget]; 0 means no limit. Whichever ends first.
struct BudgetOptions {
    std::int64_t evaluations = 0;
    std::int64_t tokens = 0;
    double hours = 0;

    static constexpr auto rows() {
        using B = BudgetOptions;
        return std::tuple{
            OptionRow{.name = "evaluations",
                      .member = &B::evaluations,
                      .meaning = "genome × example evaluations asked for; 0: no limit",
                      .unit = "evaluations",
                      .minimum = 0,
                      .maximum = 9e15,
                      .kind = KeyKind::extendable},
            OptionRow{.name = "tokens",
                      .member = &B::tokens,
                      .meaning = "prompt and generated tokens asked for; 0: no limit",
                      .unit = "tokens",
                      .minimum = 0,
                      .maximum = 9e15,
                      .kind = KeyKind::extendable},
            OptionRow{.name = "hours",
                      .member = &B::hours,
                      .meaning = "wall time of one start: it then stops with exit code 75, to be "
                                 "resumed; 0: no limit",
                      .unit = "h",
                      .minimum = 0,
                      .maximum = 1e5,
                      .kind = KeyKind::free},
        };
    }
};

/// Where a key stands.
struct Place {
    std::string file;
    std::size_t line = 0;
};

/// A search, resolved: paths absolute, environment variables replaced, every value checked.
struct Job {
    std::filesystem::path file;  ///< where it was read from
    RunOptions run;
    lm::ModelOptions model;
    std::optional<lm::ModelOptions> proposer;
    evaluation::TaskOptions task;
    evolution::SearchOptions search;
    std::vector<population::Objective> objectives;
    BudgetOptions budget;
    checkpoint::CheckpointOptions checkpoint;
    cluster::ClusterOptions cluster;

    /// run.output / run.name
    [[nodiscard]] std::filesystem::path run_folder() const;
};

/// A job as read, with the mistakes found on the way.
struct ParsedJob {
    Job job;
    Diagnostics mistakes;
    std::map<std::string, Place> places;  ///< "search.population" → where it stands

    /// Adds a mistake about a key, at its place.
    void complain(const std::string& key, std::string expected, std::string found,
                  std::string hint = {});
};

/// Reads a job and collects every mistake in it: unknown keys with the nearest known one, wrong
/// types, values out of range, missing files and variables. Loads no weights.
/// `overrides` are "table.key=value" as TOML; what is no TOML value counts as text.
/// Throws InputError when the file cannot be read or is no TOML: then nothing else can be said.
[[nodiscard]] ParsedJob parse_job(const std::filesystem::path& file,
                                  std::span<const std::string> overrides = {});

/// The job of a text that to_toml wrote. Files need not exist. Throws InputError.
[[nodiscard]] Job parse_recorded_job(const std::string& toml);

/// The job as TOML: every key with its value, in the order of docs/jobs.md. It reads back as the
/// same job.
[[nodiscard]] std::string to_toml(const Job& job);

/// Keys of kind identity (and extendable ones that shrank) in which `next` differs from the run's
/// `recorded` job, one diagnostic each: why a resume is refused.
[[nodiscard]] Diagnostics resume_conflicts(const Job& recorded, const Job& next);

/// Hash of the identity keys alone; paths count by name only, their content is hashed elsewhere.
[[nodiscard]] Sha256 job_identity(const Job& job);

/// docs/jobs.md, generated: every table and key with meaning, type, unit, default, range, kind.
[[nodiscard]] std::string jobs_reference();

}  // namespace evoke::config
