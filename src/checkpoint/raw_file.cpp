#include "checkpoint/raw_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "evoke/core/error.hpp"

namespace evoke::checkpoint {

int write_fully(int descriptor, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) return errno;
        if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return 0;
}

void throw_environment(const std::string& action, const std::filesystem::path& path, int code) {
    throw EnvironmentError{"cannot " + action + " " + path.string() + ": " +
                           std::generic_category().message(code)};
}

void write_new_file(const std::filesystem::path& path, std::initializer_list<ByteView> parts) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) throw_environment("write", path, errno);
    int failure = 0;
    for (const ByteView part : parts)
        if (failure == 0) failure = write_fully(descriptor, part);
    // On network file systems closing is where writing fails.
    if (::close(descriptor) != 0 && failure == 0) failure = errno;
    if (failure != 0) throw_environment("write", path, failure);
}

}  // namespace evoke::checkpoint
