#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "app/commands.hpp"
#include "app/process_tree.hpp"
#include "app/result_file.hpp"
#include "app/signals.hpp"
#include "evoke/core/format.hpp"
#include "evoke/core/log.hpp"

namespace evoke::app {

namespace {

using namespace std::chrono_literals;

/// A tree that does not end by itself is ended: after the result is known, or after a stop was
/// asked for (one unit of work may still finish).
constexpr auto patience_after_result = 10s;
constexpr auto patience_after_stop = 50s;
constexpr auto patience_after_rank_0 = 2s;

/// A folder for the result file, beside the runs: rank 0 may be on another host than this.
class ExchangeFolder {
public:
    explicit ExchangeFolder(const std::filesystem::path& output) {
        std::error_code error;
        std::filesystem::create_directories(output, error);
        std::string name = (output / ".launch-XXXXXX").string();
        if (error || mkdtemp(name.data()) == nullptr) {
            throw RunFolderError{output, "cannot be written to"};
        }
        path_ = name;
    }
    ~ExchangeFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ExchangeFolder(const ExchangeFolder&) = delete;
    ExchangeFolder& operator=(const ExchangeFolder&) = delete;
    [[nodiscard]] std::filesystem::path result() const { return path_ / "result"; }

private:
    std::filesystem::path path_;
};

const char* resume_text(ResumeMode mode) {
    switch (mode) {
        case ResumeMode::automatic:
            return "auto";
        case ResumeMode::never:
            return "never";
        case ResumeMode::require:
            return "require";
    }
    return "auto";
}

/// `attempt` 0 is the first start: later ones resume whatever --resume said.
std::vector<std::string> command_of(const LaunchArguments& arguments,
                                    const std::filesystem::path& result, int attempt) {
    std::vector<std::string> command{"mpirun", "-n", std::to_string(arguments.ranks),
                                     // A lost worker must not end the others.
                                     "--enable-recovery",
                                     // Each rank divides the cores of its host itself.
                                     "--bind-to", "none"};
    if (std::getenv("SLURM_JOB_ID") == nullptr) command.push_back("--oversubscribe");
    if (geteuid() == 0) command.push_back("--allow-run-as-root");
    command.insert(command.end(), arguments.mpirun_options.begin(), arguments.mpirun_options.end());
    const RunArguments& run = arguments.run;
    const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
    const std::string resume = attempt == 0 ? resume_text(run.resume) : "auto";
    command.insert(command.end(), {program, "run", run.job.file.string(), "--resume", resume,
                                   "--log-level", run.log_level, "--result-file", result.string()});
    for (const auto& item : run.job.overrides) command.insert(command.end(), {"--set", item});
    if (isatty(STDERR_FILENO) != 0) command.push_back("--terminal");
    return command;
}

/// What one start of mpirun came to.
struct Attempt {
    std::optional<ExitCode> result;  ///< nullopt: rank 0 was lost before it could say
    bool stopped = false;            ///< somebody asked this process to stop
};

class Supervision {
public:
    Supervision(ProcessTree& tree, const std::filesystem::path& result)
        : tree_{tree}, result_{result} {}

    Attempt watch() {
        while (!tree_.ended()) {
            forward_stop();
            if (overdue()) {
                log::warn("the processes did not end by themselves; ending them");
                tree_.end();
                break;
            }
            std::this_thread::sleep_for(20ms);
        }
        tree_.end();  // what mpirun may have left behind
        return {read_result(result_), stop_flag().load()};
    }

private:
    using Clock = std::chrono::steady_clock;

    void forward_stop() {
        if (!stop_flag() || stop_sent_) return;
        stop_sent_ = Clock::now();
        tree_.signal_root(SIGUSR2);  // mpirun relays it; SIGINT or SIGTERM would end the ranks
    }

    [[nodiscard]] bool overdue() {
        const auto now = Clock::now();
        if (!result_seen_ && read_result(result_)) result_seen_ = now;
        if (!rank_0_gone_ && rank_0_is_gone()) rank_0_gone_ = now;
        return (result_seen_ && now - *result_seen_ > patience_after_result) ||
               (rank_0_gone_ && now - *rank_0_gone_ > patience_after_rank_0) ||
               (stop_sent_ && now - *stop_sent_ > patience_after_stop);
    }

    /// Without rank 0 the others only wait; mpirun would wait with them.
    [[nodiscard]] bool rank_0_is_gone() const {
        const auto process = read_coordinator_process(result_);
        return process && !process->alive();
    }

    ProcessTree& tree_;
    const std::filesystem::path& result_;
    std::optional<Clock::time_point> stop_sent_;
    std::optional<Clock::time_point> result_seen_;
    std::optional<Clock::time_point> rank_0_gone_;
};

ExitCode code_after_stop() {
    return stop_reason() == evolution::Stopped::Why::interrupted ? ExitCode::interrupted
                                                                 : ExitCode::stopped;
}

}  // namespace

ExitCode launch(const LaunchArguments& arguments) {
    log::start({.prefix = "launch", .level = arguments.run.log_level, .file = {}});
    const Prepared prepared = prepare(arguments.run.job);
    catch_stop_signals();
    const ExchangeFolder exchange{prepared.job.run.output};
    for (int attempt = 0;; ++attempt) {
        std::filesystem::remove(exchange.result());
        remove_coordinator_process(exchange.result());
        ProcessTree tree{command_of(arguments, exchange.result(), attempt)};
        const Attempt end = Supervision{tree, exchange.result()}.watch();
        if (end.stopped && (!end.result || *end.result == ExitCode::stopped)) {
            return code_after_stop();
        }
        if (end.result) return *end.result;
        if (attempt >= arguments.relaunches) {
            log::error(
                "rank 0 was lost; {} relaunches are used up. What was committed is intact: "
                "the same command resumes.",
                arguments.relaunches);
            return ExitCode::environment;
        }
        log::warn("rank 0 was lost; relaunch {} of {} resumes the run", attempt + 1,
                  arguments.relaunches);
    }
}

}  // namespace evoke::app
