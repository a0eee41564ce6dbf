#include "checkpoint/lock_rule.hpp"

#include <signal.h>
#include <unistd.h>
#include "evoke/core/format.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace evoke::checkpoint {

namespace {

std::string first_line(const std::filesystem::path& path) {
    std::ifstream file{path};
    std::string line;
    std::getline(file, line);
    return line;
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

template <class Integer>
bool parse_integer(std::string_view text, Integer& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

struct ProcessState {
    char state = 0;             ///< as /proc tells it: R, S, T, Z, …
    std::uint64_t started = 0;  ///< clock ticks since the host's start
};

/// nullopt when there is no such process, or /proc does not show it.
std::optional<ProcessState> process_state(std::int64_t process) {
    const std::string line = first_line(fmt::format("/proc/{}/stat", process));
    // The second field is the program's name in parentheses, which may contain anything.
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream rest{line.substr(name_end + 1)};
    ProcessState found;
    rest >> found.state;
    constexpr int fields_between = 18;  // state is the 3rd field, the start time the 22nd
    std::string skipped;
    for (int i = 0; i < fields_between; ++i) rest >> skipped;
    rest >> found.started;
    return rest ? std::optional{found} : std::nullopt;
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string now_text() {
    using namespace std::chrono;
    const auto now = system_clock::now();
    const std::time_t whole = system_clock::to_time_t(now);
    std::tm parts{};
    ::gmtime_r(&whole, &parts);
    const auto nanoseconds_part =
        duration_cast<nanoseconds>(now.time_since_epoch()).count() % 1'000'000'000;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       nanoseconds_part);
}

}  // namespace

LockHolder this_process() {
    std::error_code ignored;
    const auto process = std::int64_t{::getpid()};
    LockHolder me{
        .host = host_name(),
        .boot = first_line("/proc/sys/kernel/random/boot_id"),
        .process_space = std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string(),
        .process = process,
        .started = process_state(process).value_or(ProcessState{}).started,
        .slurm_job = environment("SLURM_JOB_ID"),
        .slurm_restart = 0,
        .taken = now_text()};
    (void)parse_integer(environment("SLURM_RESTART_COUNT"), me.slurm_restart);
    return me;
}

std::string to_text(const LockHolder& holder) {
    return fmt::format(
        "host = {}\nboot = {}\nprocess_space = {}\nprocess = {}\nstarted = {}\nslurm_job = {}\n"
        "slurm_restart = {}\ntaken = {}\nend\n",
        holder.host, holder.boot, holder.process_space, holder.process, holder.started,
        holder.slurm_job, holder.slurm_restart, holder.taken);
}

std::optional<LockHolder> parse_lock(std::string_view text) {
    std::map<std::string, std::string, std::less<>> values;
    std::istringstream lines{std::string{text}};
    std::string line;
    bool ended = false;
    while (!ended && std::getline(lines, line)) {
        ended = line == "end";
        if (const std::size_t equals = line.find(" = "); equals != std::string::npos)
            values[line.substr(0, equals)] = line.substr(equals + 3);
    }
    LockHolder holder{.host = values["host"],
                      .boot = values["boot"],
                      .process_space = values["process_space"],
                      .slurm_job = values["slurm_job"],
                      .taken = values["taken"]};
    const bool readable = ended && parse_integer(values["process"], holder.process) &&
                          parse_integer(values["started"], holder.started) &&
                          parse_integer(values["slurm_restart"], holder.slurm_restart);
    return readable ? std::optional{holder} : std::nullopt;
}

HolderProcess look_for(const LockHolder& holder, const LockHolder& me) {
    const bool here = holder.host == me.host && holder.boot == me.boot &&
                      holder.process_space == me.process_space && !holder.boot.empty() &&
                      holder.process > 0;
    if (!here) return HolderProcess::elsewhere;
    const auto state = process_state(holder.process);
    if (!state) {
        // Some systems hide the processes of others.
        const bool exists = ::kill(static_cast<pid_t>(holder.process), 0) == 0 || errno == EPERM;
        return exists ? HolderProcess::alive : HolderProcess::gone;
    }
    const bool dead = state->state == 'Z' || state->state == 'X';
    return dead || state->started != holder.started ? HolderProcess::gone : HolderProcess::alive;
}

LockVerdict judge(const LockSituation& situation) {
    const bool stale = situation.beat_age > situation.stale_after;
    const std::string beat =
        fmt::format("its last sign of life is {:.0f} s old", situation.beat_age);
    const std::string patience =
        fmt::format("it can be taken over {:.0f} s after the last", situation.stale_after);
    if (!situation.holder) {
        if (stale) return {.free = true, .reason = "the lock file is unreadable, and " + beat};
        return {.free = false,
                .reason = "locked by an unreadable lock file; " + beat + ", " + patience};
    }
    const LockHolder& holder = *situation.holder;
    const std::string who = fmt::format("process {} on {}", holder.process, holder.host);
    if (situation.process == HolderProcess::gone) return {.free = true, .reason = who + " is gone"};
    if (situation.process == HolderProcess::alive)
        return {.free = false,
                .reason = "locked by " + who + ", which is running; end it first (" + beat + ")"};
    const bool restarted = !holder.slurm_job.empty() &&
                           holder.slurm_job == situation.me.slurm_job &&
                           holder.slurm_restart < situation.me.slurm_restart;
    if (restarted)
        return {.free = true, .reason = "Slurm job " + holder.slurm_job + " was restarted"};
    if (stale) return {.free = true, .reason = who + " is silent: " + beat};
    const std::string job = holder.slurm_job.empty() ? "" : ", Slurm job " + holder.slurm_job;
    return {.free = false, .reason = "locked by " + who + job + "; " + beat + ", " + patience};
}

}  // namespace evoke::checkpoint
