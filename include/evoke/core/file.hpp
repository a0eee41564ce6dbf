#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "evoke/core/bytes.hpp"

namespace evoke {

/// Throws LoadError when the file cannot be read.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

/// Steps of a durable write, in order; tests stop the process between any two.
enum class WriteStep { written, synced, renamed, folder_synced };
using WriteProbe = std::function<void(WriteStep)>;

/// Flushes a file or folder to the device. Throws EnvironmentError.
void sync_path(const std::filesystem::path& path);

/// Makes the finished file `temporary` durable under the name `final_path` (same folder): fsync,
/// rename, fsync of the folder. A crash leaves either the old file or the new one, never a part.
/// Throws EnvironmentError (disk full, no permission), and then removes nothing.
void commit_file(const std::filesystem::path& temporary, const std::filesystem::path& final_path,
                 const WriteProbe& probe = {});

/// Writes `path` as a whole or not at all, through `path`.tmp and commit_file.
void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           const WriteProbe& probe = {});

/// A file mapped read-only. Pages are shared between the processes of a host.
class MappedFile {
public:
    /// Throws LoadError.
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] ByteView bytes() const { return {data_, size_}; }

private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace evoke
