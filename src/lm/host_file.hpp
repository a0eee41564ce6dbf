#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "evoke/core/bytes.hpp"

namespace evoke::lm {

/// A file that the processes of a host make once, map together and remove together. It lies in a
/// folder of the user's own and is locked (flock) by whoever uses it, so that
/// - it is never seen half written: it is written as `name`.tmp under an exclusive lock, flushed
/// and
///   renamed; a process that dies while writing leaves the lock to the next one, which starts anew;
/// - it does not stay for ever: the last user removes it, and what a killed process left behind is
///   removed by the next one that opens any file of the folder.
class HostFile {
public:
    /// Writes the content by calls of `append`, in order.
    using Append = std::function<void(ByteView)>;
    using Write = std::function<void(const Append& append)>;

    /// Maps the file `name` of `folder`, which is made when missing, after calling `write` unless
    /// another process made it; waits while another one does. Requires: equal names have equal
    /// content. Throws EnvironmentError: no such place, not the user's own, or disk full.
    HostFile(const std::filesystem::path& folder, const std::string& name, const Write& write);
    ~HostFile();
    HostFile(const HostFile&) = delete;
    HostFile& operator=(const HostFile&) = delete;

    [[nodiscard]] ByteView bytes() const { return {data_, size_}; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    [[nodiscard]] bool open_finished();
    [[nodiscard]] bool make(const Write& write);
    void map();

    std::filesystem::path path_;
    int descriptor_ = -1;
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Where the host's files of this user are: in TMPDIR, or /tmp.
[[nodiscard]] std::filesystem::path host_folder();

}  // namespace evoke::lm
