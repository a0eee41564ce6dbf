#include "evoke/core/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "evoke/core/error.hpp"

namespace evoke {

namespace {

std::string reason(int code) {
    return std::generic_category().message(code);
}

[[noreturn]] void throw_environment(const std::string& action, const std::filesystem::path& path,
                                    int code) {
    throw EnvironmentError{"cannot " + action + " " + path.string() + ": " + reason(code)};
}

/// Owns a file descriptor; -1 is none.
class Descriptor {
public:
    Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
        : value_{::open(path.c_str(), flags | O_CLOEXEC, mode)} {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] bool valid() const { return value_ >= 0; }
    [[nodiscard]] int get() const { return value_; }
    /// The error of closing, which on network file systems is the error of writing; 0: none.
    [[nodiscard]] int close() { return ::close(std::exchange(value_, -1)) == 0 ? 0 : errno; }

private:
    int value_;
};

/// 0, or the error.
int write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t count = ::write(descriptor, content.data(), content.size());
        if (count < 0 && errno != EINTR) return errno;
        if (count > 0) content.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

int write_new_file(const std::filesystem::path& path, std::string_view content) {
    Descriptor file{path, O_WRONLY | O_CREAT | O_TRUNC, 0666};
    if (!file.valid()) return errno;
    const int written = write_all(file.get(), content);
    const int closed = file.close();
    return written != 0 ? written : closed;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

}  // namespace

std::string read_text_file(const std::filesystem::path& path) {
    const Descriptor file{path, O_RDONLY};
    if (!file.valid()) throw LoadError{path, reason(errno)};
    std::string text;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count == 0) return text;
        if (count > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            throw LoadError{path, reason(errno)};
        }
    }
}

void sync_path(const std::filesystem::path& path) {
    const Descriptor file{path, O_RDONLY};
    if (!file.valid()) throw_environment("open", path, errno);
    if (::fsync(file.get()) == 0) return;
    // Some network file systems cannot flush a folder and need not: they rename durably.
    const int code = errno;
    if ((code == EINVAL || code == ENOTSUP) && std::filesystem::is_directory(path)) return;
    throw_environment("flush", path, code);
}

void commit_file(const std::filesystem::path& temporary, const std::filesystem::path& final_path,
                 const WriteProbe& probe) {
    const auto reached = [&](WriteStep step) {
        if (probe) probe(step);
    };
    reached(WriteStep::written);
    sync_path(temporary);
    reached(WriteStep::synced);
    if (::rename(temporary.c_str(), final_path.c_str()) != 0)
        throw_environment("rename " + temporary.string() + " to", final_path, errno);
    reached(WriteStep::renamed);
    sync_path(folder_of(final_path));
    reached(WriteStep::folder_synced);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           const WriteProbe& probe) {
    std::filesystem::path temporary = path;
    temporary += ".tmp";
    if (const int code = write_new_file(temporary, content); code != 0) {
        // On a full disk the part that was written is only in the way.
        ::unlink(temporary.c_str());
        throw_environment("write", temporary, code);
    }
    commit_file(temporary, path, probe);
}

MappedFile::MappedFile(const std::filesystem::path& path) {
    const Descriptor file{path, O_RDONLY};
    if (!file.valid()) throw LoadError{path, reason(errno)};
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw LoadError{path, reason(errno)};
    if (!S_ISREG(status.st_mode)) throw LoadError{path, "not a regular file"};
    if (status.st_size == 0) return;  // An empty range cannot be mapped.
    size_ = static_cast<std::size_t>(status.st_size);
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), 0);
    if (address == MAP_FAILED) throw LoadError{path, "cannot map: " + reason(errno)};
    data_ = static_cast<const std::byte*>(address);
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_{std::exchange(other.data_, nullptr)}, size_{std::exchange(other.size_, 0)} {}

}  // namespace evoke
