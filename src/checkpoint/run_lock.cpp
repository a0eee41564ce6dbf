#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "checkpoint/lock_rule.hpp"
#include "checkpoint/raw_file.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/clock.hpp"
#include "evoke/core/error.hpp"
#include "evoke/core/log.hpp"

namespace evoke::checkpoint {

namespace {

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
}

/// Makes a file that was not there, O_EXCL deciding between two who try at once (on NFS from
/// version 3 on). False when it was there.
bool create_exclusively(const std::filesystem::path& path, const std::string& content) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        if (errno == EEXIST) return false;
        const int code = errno;
        if (code == EACCES || code == EPERM || code == EROFS)
            throw RunFolderError{folder_of(path),
                                 "cannot be written: " + std::generic_category().message(code)};
        throw_environment("make", path, code);
    }
    int failure = write_fully(descriptor, as_bytes(content));
    if (::close(descriptor) != 0 && failure == 0) failure = errno;
    if (failure != 0) {
        ::unlink(path.c_str());
        throw_environment("write", path, failure);
    }
    return true;
}

/// nullopt when the file is not there.
std::optional<std::string> read_if_there(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::optional<double> modified(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return static_cast<double>(status.st_mtim.tv_sec) +
           1e-9 * static_cast<double>(status.st_mtim.tv_nsec);
}

/// Marks a file as changed now, by the clock of whoever keeps the file system. False when it is
/// not there.
bool touch(const std::filesystem::path& path) {
    return ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0;
}

/// The right to replace a lock: a second file beside it, held for an instant. One that somebody
/// left behind by dying in that instant is removed after `stale_after` seconds.
class TakeoverRight {
public:
    TakeoverRight(const std::filesystem::path& lock, double stale_after)
        : path_{lock.string() + ".takeover"} {
        if (create_exclusively(path_, "")) {
            now_ = modified(path_);
            return;
        }
        const auto since = modified(path_);
        const std::filesystem::path probe = lock.string() + ".probe";
        ::unlink(probe.c_str());
        const bool probed = create_exclusively(probe, "");
        const auto now = modified(probe);
        if (probed) ::unlink(probe.c_str());
        if (since && now && *now - *since > stale_after) ::unlink(path_.c_str());
        throw RunFolderError{folder_of(lock),
                             "another process is just taking over its lock; try again"};
    }
    ~TakeoverRight() { ::unlink(path_.c_str()); }
    TakeoverRight(const TakeoverRight&) = delete;
    TakeoverRight& operator=(const TakeoverRight&) = delete;

    /// The time by the clock of the file system on which the lock lies: the clocks of hosts differ.
    [[nodiscard]] std::optional<double> now() const { return now_; }

private:
    std::filesystem::path path_;
    std::optional<double> now_;
};

}  // namespace

struct RunLock::Holder {
    std::filesystem::path file;
    double stale_after;
    LockHolder me = this_process();
    std::string text = to_text(me);
    SteadyClock clock = {};
    TimePoint last_beat = clock.now();

    void acquire() {
        // The lock may vanish while it is looked at: its holder just ended.
        for (int attempt = 0; attempt < 3; ++attempt) {
            if (create_exclusively(file, text)) return;
            const TakeoverRight right{file, stale_after};
            const auto content = read_if_there(file);
            const auto beat = modified(file);
            if (!content || !beat) continue;
            take_over(*content, right.now().value_or(*beat) - *beat);
            return;
        }
        throw RunFolderError{folder_of(file), "its lock comes and goes; try again"};
    }

    /// Requires: the takeover right.
    void take_over(const std::string& content, double beat_age) {
        LockSituation situation{.holder = parse_lock(content),
                                .me = me,
                                .beat_age = beat_age,
                                .stale_after = stale_after};
        if (situation.holder) situation.process = look_for(*situation.holder, me);
        const LockVerdict verdict = judge(situation);
        if (!verdict.free) throw RunFolderError{folder_of(file), verdict.reason};
        const std::filesystem::path replacement = file.string() + ".new";
        write_new_file(replacement, {as_bytes(text)});
        if (::rename(replacement.c_str(), file.c_str()) != 0)
            throw_environment("replace", file, errno);
        log::warn("{}: lock taken over: {}", folder_of(file).string(), verdict.reason);
    }

    [[nodiscard]] bool is_mine() const { return read_if_there(file) == text; }
};

RunLock::RunLock(const std::filesystem::path& file, double stale_after_seconds)
    : holder_{new Holder{.file = file, .stale_after = stale_after_seconds}} {
    holder_->acquire();
}

RunLock::~RunLock() {
    if (holder_->is_mine()) ::unlink(holder_->file.c_str());
}

void RunLock::beat() {
    // Eight beats before anybody may think this process dead.
    const TimePoint now = holder_->clock.now();
    if (seconds(now - holder_->last_beat) < holder_->stale_after / 8) return;
    if (!holder_->is_mine())
        throw RunFolderError{folder_of(holder_->file),
                             "its lock was taken over by another process while this one was not "
                             "heard of; nothing more is written"};
    if (!touch(holder_->file)) throw_environment("renew", holder_->file, errno);
    holder_->last_beat = now;
}

}  // namespace evoke::checkpoint
