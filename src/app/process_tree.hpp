#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace evoke::app {

/// A command in a session of its own (so that Ctrl-C in the terminal does not reach it), with all
/// that it starts on this host. It is killed when this process dies.
class ProcessTree {
public:
    /// Throws EnvironmentError when the command cannot be started.
    explicit ProcessTree(const std::vector<std::string>& command);
    /// Ends what is left.
    ~ProcessTree();
    ProcessTree(const ProcessTree&) = delete;
    ProcessTree& operator=(const ProcessTree&) = delete;

    /// Whether the command itself has ended.
    [[nodiscard]] bool ended();
    void signal_root(int signal) const;
    /// SIGTERM to the command, then SIGKILL to every process of its session. Returns when none is
    /// left, within seconds.
    void end();

private:
    [[nodiscard]] std::vector<pid_t> members() const;

    pid_t root_ = 0;
    bool reaped_ = false;
};

/// A process that may have ended since, told from another one with its number by its start time.
struct ProcessName {
    std::string host;
    pid_t process = 0;
    unsigned long long started = 0;  ///< clock ticks since boot

    [[nodiscard]] static ProcessName mine();
    /// True as well for a process of another host: nothing is known of it.
    [[nodiscard]] bool alive() const;
};

/// Rank 0 tells its supervisor who it is, in a file beside the result file.
void write_coordinator_process(const std::filesystem::path& result_file);
[[nodiscard]] std::optional<ProcessName> read_coordinator_process(
    const std::filesystem::path& result_file);
void remove_coordinator_process(const std::filesystem::path& result_file);

/// Ends this process with `code` soon after its parent has gone: mpirun killed outright leaves its
/// ranks behind otherwise. Starts a thread that sleeps.
void end_with_parent(int code);

}  // namespace evoke::app
