#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/search.hpp"
#include "app/setup.hpp"
#include "evoke/core/error.hpp"
#include "evoke/lm/options.hpp"

/// What `evoke <verb>` does. Each returns the exit code; failures are thrown as Error.
namespace evoke::app {

struct InitArguments {
    std::filesystem::path data;
    std::filesystem::path output = "job.toml";
};
[[nodiscard]] ExitCode init(const InitArguments& arguments);

struct CheckArguments {
    JobArguments job;
    bool reference = false;  ///< print docs/jobs.md instead
};
[[nodiscard]] ExitCode check(const CheckArguments& arguments);

struct RunArguments {
    JobArguments job;
    ResumeMode resume = ResumeMode::automatic;
    std::string log_level = "info";
    /// Set by launch: where the exit code goes, since mpirun hides it.
    std::filesystem::path result_file;
    bool terminal = false;
};
[[nodiscard]] ExitCode run(const RunArguments& arguments);

struct LaunchArguments {
    RunArguments run;
    int ranks = 1;
    int relaunches = 3;
    std::vector<std::string> mpirun_options;  ///< after --
};
[[nodiscard]] ExitCode launch(const LaunchArguments& arguments);

struct EvaluateArguments {
    JobArguments job;
    std::vector<std::string> prompts;
    std::filesystem::path prompt_file;
    std::string split = "dev";
    bool json = false;
};
[[nodiscard]] ExitCode evaluate(const EvaluateArguments& arguments);

struct StatusArguments {
    std::filesystem::path run;
    bool json = false;
    bool follow = false;
};
[[nodiscard]] ExitCode status(const StatusArguments& arguments);

struct BestArguments {
    std::filesystem::path run;
    bool json = false;
};
[[nodiscard]] ExitCode best(const BestArguments& arguments);

[[nodiscard]] ExitCode verify(const std::filesystem::path& run);

/// Input and output of the verbs that speak JSON lines; "-": standard input or output.
struct LinesArguments {
    lm::ModelOptions model;
    std::string input = "-";
    std::string output = "-";
    int batch = 256;  ///< lines answered together; changes no answer
};
[[nodiscard]] ExitCode score(const LinesArguments& arguments);
[[nodiscard]] ExitCode generate(const LinesArguments& arguments);
[[nodiscard]] ExitCode gradient(const LinesArguments& arguments);
[[nodiscard]] ExitCode tokenize(const LinesArguments& arguments);
[[nodiscard]] ExitCode chat(const LinesArguments& arguments);

}  // namespace evoke::app
