#include "lm/host_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"

namespace evoke::lm {

namespace {

[[noreturn]] void fail(const std::string& action, const std::filesystem::path& path, int code) {
    throw EnvironmentError{"cannot " + action + " " + path.string() + ": " +
                           std::generic_category().message(code)};
}

/// Owns a file descriptor; -1 is none. Closing it gives up its lock.
class Descriptor {
public:
    Descriptor(const std::filesystem::path& path, int flags)
        : value_{::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)} {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] bool valid() const { return value_ >= 0; }
    [[nodiscard]] int get() const { return value_; }
    [[nodiscard]] int release() { return std::exchange(value_, -1); }

private:
    int value_;
};

bool lock(int descriptor, int kind) {
    int result = 0;
    do result = ::flock(descriptor, kind);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/// Whether the descriptor's file is still the one of that name: another process may have renamed or
/// removed it before the lock was ours.
bool still_there(int descriptor, const std::filesystem::path& path) {
    struct stat mine {};
    struct stat there {};
    return ::fstat(descriptor, &mine) == 0 && ::lstat(path.c_str(), &there) == 0 &&
           mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

void write_all(int descriptor, ByteView content, const std::filesystem::path& path) {
    while (!content.empty()) {
        const ssize_t count = ::write(descriptor, content.data(), content.size());
        if (count < 0 && errno != EINTR) fail("write", path, errno);
        if (count > 0) content = content.subspan(static_cast<std::size_t>(count));
    }
}

/// A folder that others can write to could hold anything.
void require_own_folder(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("make", folder, errno);
    struct stat found {};
    if (::lstat(folder.c_str(), &found) != 0) fail("look at", folder, errno);
    if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() || (found.st_mode & 0022U) != 0)
        throw EnvironmentError{folder.string() +
                               " is not a folder that only its user can write to"};
}

/// Removes what nobody holds a lock on.
void remove_unused(const std::filesystem::path& folder, const std::string& but) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{folder, ignored}) {
        const std::string name = entry.path().filename().string();
        if (name == but || name == but + ".tmp") continue;
        const Descriptor file{entry.path(), O_RDWR};
        if (file.valid() && lock(file.get(), LOCK_EX | LOCK_NB) &&
            still_there(file.get(), entry.path()))
            ::unlink(entry.path().c_str());
    }
}

}  // namespace

HostFile::HostFile(const std::filesystem::path& folder, const std::string& name, const Write& write)
    : path_{folder / name} {
    require_own_folder(folder);
    remove_unused(folder, name);
    while (!open_finished() && !make(write)) {
    }
    map();
}

HostFile::~HostFile() {
    ::munmap(const_cast<std::byte*>(data_), size_);
    if (lock(descriptor_, LOCK_EX | LOCK_NB) && still_there(descriptor_, path_))
        ::unlink(path_.c_str());
    ::close(descriptor_);
}

/// False: the file is not there.
bool HostFile::open_finished() {
    while (true) {
        Descriptor file{path_, O_RDWR};
        if (!file.valid()) {
            if (errno == ENOENT) return false;
            fail("open", path_, errno);
        }
        if (!lock(file.get(), LOCK_SH)) fail("lock", path_, errno);
        if (!still_there(file.get(), path_)) continue;
        descriptor_ = file.release();
        return true;
    }
}

/// False: another process made it meanwhile, or ours was removed before it could be locked.
bool HostFile::make(const Write& write) {
    std::filesystem::path temporary = path_;
    temporary += ".tmp";
    Descriptor file{temporary, O_RDWR | O_CREAT};
    if (!file.valid()) fail("make", temporary, errno);
    if (!lock(file.get(), LOCK_EX)) fail("lock", temporary, errno);
    if (!still_there(file.get(), temporary)) return false;
    try {
        if (::ftruncate(file.get(), 0) != 0) fail("empty", temporary, errno);
        write([&](ByteView part) { write_all(file.get(), part, temporary); });
        commit_file(temporary, path_);
    } catch (...) {
        // On a full disk the part that was written is only in the way.
        if (still_there(file.get(), temporary)) ::unlink(temporary.c_str());
        throw;
    }
    if (!lock(file.get(), LOCK_SH)) fail("lock", path_, errno);
    if (!still_there(file.get(), path_)) return false;
    descriptor_ = file.release();
    return true;
}

void HostFile::map() {
    struct stat found {};
    const bool known = ::fstat(descriptor_, &found) == 0;
    size_ = known ? static_cast<std::size_t>(found.st_size) : 0;
    void* data =
        size_ == 0 ? MAP_FAILED : ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor_, 0);
    if (data == MAP_FAILED) {
        const int code = errno;
        ::close(descriptor_);
        fail("map", path_, code);
    }
    data_ = static_cast<const std::byte*>(data);
}

std::filesystem::path host_folder() {
    const char* base = std::getenv("TMPDIR");
    return std::filesystem::path{base == nullptr || *base == '\0' ? "/tmp" : base} /
           ("evoke-weights-" + std::to_string(::geteuid()));
}

}  // namespace evoke::lm
