#include "app/process_tree.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "evoke/core/error.hpp"

namespace evoke::app {

namespace {

using namespace std::chrono_literals;

/// Fields of /proc/PID/stat behind the command name, which may hold spaces and brackets.
struct ProcessStat {
    char state = '?';
    pid_t session = 0;
    unsigned long long started = 0;
};

std::optional<ProcessStat> stat_of(pid_t process) {
    std::ifstream file{"/proc/" + std::to_string(process) + "/stat"};
    std::string text;
    if (!std::getline(file, text)) return std::nullopt;
    std::istringstream fields{text.substr(text.rfind(')') + 1)};
    ProcessStat stat;
    pid_t parent = 0;
    pid_t group = 0;
    fields >> stat.state >> parent >> group >> stat.session;
    std::string skipped;
    for (int field = 7; field <= 21; ++field) fields >> skipped;
    fields >> stat.started;  // field 22, see proc(5)
    return fields ? std::optional{stat} : std::nullopt;
}

std::string host_name() {
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::filesystem::path process_file(const std::filesystem::path& result_file) {
    return result_file.string() + ".rank0";
}

/// In the child, after fork: only what is allowed between fork and exec.
[[noreturn]] void become(const std::vector<char*>& arguments, pid_t parent, int report) {
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) {
        const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (null >= 0) dup2(null, STDIN_FILENO);
        execvp(arguments[0], arguments.data());
    }
    const int error = errno;
    [[maybe_unused]] const auto written = write(report, &error, sizeof error);
    _exit(127);
}

}  // namespace

ProcessTree::ProcessTree(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    std::array<int, 2> report{};
    if (pipe2(report.data(), O_CLOEXEC) != 0) {
        throw EnvironmentError{std::string{"pipe: "} + std::strerror(errno)};
    }
    const pid_t parent = getpid();
    root_ = fork();
    if (root_ == 0) become(arguments, parent, report[1]);
    const int fork_error = errno;
    close(report[1]);
    int error = root_ < 0 ? fork_error : 0;
    if (root_ > 0) {
        // Closed without a word by a successful exec.
        while (read(report[0], &error, sizeof error) < 0 && errno == EINTR) {
        }
    }
    close(report[0]);
    if (error != 0) {
        if (root_ > 0) waitpid(root_, nullptr, 0);
        reaped_ = true;
        throw EnvironmentError{command[0] + " cannot be started: " + std::strerror(error) +
                               (error == ENOENT ? " (is Open MPI installed and on PATH?)" : "")};
    }
}

ProcessTree::~ProcessTree() {
    end();
}

bool ProcessTree::ended() {
    if (!reaped_) reaped_ = waitpid(root_, nullptr, WNOHANG) == root_;
    return reaped_;
}

void ProcessTree::signal_root(int signal) const {
    if (!reaped_) kill(root_, signal);
}

std::vector<pid_t> ProcessTree::members() const {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
        const std::string name = entry.path().filename();
        pid_t process = 0;
        const auto end = name.data() + name.size();
        if (std::from_chars(name.data(), end, process).ptr != end) continue;
        const auto stat = stat_of(process);
        if (stat && stat->session == root_ && stat->state != 'Z') found.push_back(process);
    }
    return found;
}

void ProcessTree::end() {
    if (root_ <= 0) return;
    signal_root(SIGTERM);
    for (int i = 0; i < 100 && !ended(); ++i) std::this_thread::sleep_for(20ms);
    for (int i = 0; i < 250; ++i) {
        const auto left = members();
        for (const pid_t process : left) kill(process, SIGKILL);
        if (ended() && left.empty()) break;
        std::this_thread::sleep_for(20ms);
    }
    root_ = 0;
}

ProcessName ProcessName::mine() {
    const pid_t process = getpid();
    const auto stat = stat_of(process);
    return {host_name(), process, stat ? stat->started : 0};
}

bool ProcessName::alive() const {
    if (host != host_name()) return true;
    const auto stat = stat_of(process);
    return stat && stat->started == started && stat->state != 'Z';
}

void write_coordinator_process(const std::filesystem::path& result_file) {
    const auto me = ProcessName::mine();
    const auto file = process_file(result_file);
    const auto temporary = file.string() + ".tmp";
    std::ofstream{temporary} << me.host << ' ' << me.process << ' ' << me.started << '\n';
    std::error_code ignored;
    std::filesystem::rename(temporary, file, ignored);
}

std::optional<ProcessName> read_coordinator_process(const std::filesystem::path& result_file) {
    std::ifstream file{process_file(result_file)};
    ProcessName name;
    if (!(file >> name.host >> name.process >> name.started)) return std::nullopt;
    return name;
}

void remove_coordinator_process(const std::filesystem::path& result_file) {
    std::error_code ignored;
    std::filesystem::remove(process_file(result_file), ignored);
}

void end_with_parent(int code) {
    std::thread{[parent = getppid(), code] {
        while (getppid() == parent) std::this_thread::sleep_for(500ms);
        _exit(code);
    }}.detach();
}

}  // namespace evoke::app
