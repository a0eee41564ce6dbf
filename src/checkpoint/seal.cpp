#include "checkpoint/seal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "evoke/core/format.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <vector>

#include "evoke/checkpoint/generation_file.hpp"
#include "evoke/core/hash.hpp"

namespace evoke::checkpoint {

namespace {

constexpr std::string_view first_line = "evoke generation file\n";

/// What the checksum covers besides the image.
std::string covered_lines(SealVersion version, std::uint64_t file_size) {
    return fmt::format("{}format {}.{}\nbytes {}\n", first_line, version.major, version.minor,
                       file_size);
}

std::string finished(std::string lines, const Sha256& checksum) {
    lines += "sha256 " + to_hex(checksum) + "\n";
    lines.resize(seal_size, '\0');
    return lines;
}

/// Reads numbers and fixed words off the front of a text.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_{text} {}
    bool word(std::string_view expected) {
        if (!text_.starts_with(expected)) return false;
        text_.remove_prefix(expected.size());
        return true;
    }
    template <class Integer>
    bool number(Integer& value) {
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        if (error != std::errc{}) return false;
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return true;
    }

private:
    std::string_view text_;
};

struct Announced {
    SealVersion version;
    std::uint64_t file_size = 0;
};

std::optional<Announced> parse(std::string_view seal) {
    Scanner scan{seal};
    Announced found;
    const bool readable = scan.word(first_line) && scan.word("format ") &&
                          scan.number(found.version.major) && scan.word(".") &&
                          scan.number(found.version.minor) && scan.word("\nbytes ") &&
                          scan.number(found.file_size) && scan.word("\nsha256 ");
    return readable ? std::optional{found} : std::nullopt;
}

class OpenFile {
public:
    explicit OpenFile(const std::filesystem::path& path) : path_{path} {
        // Without O_NONBLOCK a pipe of that name would be waited for.
        descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (descriptor_ < 0) fail(errno);
        struct stat status {};
        if (::fstat(descriptor_, &status) != 0) fail_and_close(errno);
        if (!S_ISREG(status.st_mode)) {
            ::close(descriptor_);
            throw GenerationError{path_, GenerationFault::unreadable, "not a regular file"};
        }
        size_ = static_cast<std::uint64_t>(status.st_size);
    }
    ~OpenFile() { ::close(descriptor_); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    [[nodiscard]] std::uint64_t size() const { return size_; }
    /// Fewer bytes than asked for only at the end of the file.
    [[nodiscard]] std::size_t read(std::span<char> buffer) const {
        std::size_t done = 0;
        while (done < buffer.size()) {
            const ssize_t count = ::read(descriptor_, buffer.data() + done, buffer.size() - done);
            if (count == 0) break;
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail(errno);
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

private:
    [[noreturn]] void fail(int code) const {
        throw GenerationError{path_, GenerationFault::unreadable,
                              std::generic_category().message(code)};
    }
    [[noreturn]] void fail_and_close(int code) const {
        ::close(descriptor_);
        fail(code);
    }

    std::filesystem::path path_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

}  // namespace

std::string make_seal(SealVersion version, ByteView image) {
    std::string lines = covered_lines(version, seal_size + image.size());
    Sha256Stream stream;
    stream.raw(as_bytes(lines)).raw(image);
    return finished(std::move(lines), stream.finish());
}

SealVersion check_seal(const std::filesystem::path& path) {
    const auto damaged = [&](const std::string& how) {
        return GenerationError{path, GenerationFault::damaged, how};
    };
    const OpenFile file{path};
    std::string seal(seal_size, '\0');
    const std::size_t found = file.read(seal);
    if (found < seal_size)
        throw damaged(fmt::format("truncated: {} bytes, a generation file has more", found));
    const std::optional<Announced> announced = parse(seal);
    if (!announced) throw damaged("not a generation file of Evoke, or its first bytes are damaged");
    if (file.size() < announced->file_size)
        throw damaged(fmt::format("truncated: {} of {} bytes", file.size(), announced->file_size));
    if (file.size() > announced->file_size)
        throw damaged(
            fmt::format("damaged: {} bytes where {} belong", file.size(), announced->file_size));

    std::string lines = covered_lines(announced->version, announced->file_size);
    Sha256Stream stream;
    stream.raw(as_bytes(lines));
    std::vector<char> buffer(std::size_t{1} << 20U);
    while (const std::size_t count = file.read(buffer))
        stream.raw(as_bytes({buffer.data(), count}));
    if (seal != finished(std::move(lines), stream.finish()))
        throw damaged("damaged: the checksum of its content differs");
    return announced->version;
}

}  // namespace evoke::checkpoint
