#include "evoke/checkpoint/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "evoke/core/format.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "checkpoint/raw_file.hpp"
#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/log.hpp"

namespace evoke::checkpoint {

namespace {

constexpr std::string_view magic = "evoke journal 1\n";
constexpr std::size_t frame_head = 16;  // length, type, checksum
/// No unit is nearly as large: a length beyond this is damage.
constexpr std::size_t largest_payload = std::size_t{1} << 30U;

enum class FrameType : std::uint32_t { outcomes = 1, reply = 2 };

template <class Integer>
void put(Bytes& bytes, Integer number) {
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
        bytes.push_back(static_cast<std::byte>((number >> (8 * i)) & 0xffU));
}

/// Requires: sizeof(Integer) bytes at `offset`.
template <class Integer>
Integer get(ByteView bytes, std::size_t offset) {
    Integer number = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
        number |= static_cast<Integer>(std::to_integer<Integer>(bytes[offset + i]) << (8 * i));
    return number;
}

void put(Bytes& bytes, const ContentHash& key) {
    put(bytes, key.high);
    put(bytes, key.low);
}

void put(Bytes& bytes, const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

struct Frame {
    FrameType type;
    Bytes payload;
};

Frame frame_of(const JournalOutcomes& finished) {
    if (finished.keys.size() != finished.outcomes.size())
        throw std::invalid_argument{"a journal entry needs one key for each outcome"};
    Frame frame{.type = FrameType::outcomes, .payload = {}};
    put(frame.payload, static_cast<std::uint32_t>(finished.keys.size()));
    for (const ContentHash& key : finished.keys) put(frame.payload, key);
    put(frame.payload,
        encode(population::UnitResult{population::EvaluateResult{.outcomes = finished.outcomes}}));
    return frame;
}

Frame frame_of(const JournalReply& finished) {
    Frame frame{.type = FrameType::reply, .payload = {}};
    put(frame.payload, finished.key);
    put(frame.payload, encode(population::UnitResult{finished.reply}));
    return frame;
}

std::uint64_t checksum_of(std::uint32_t length, std::uint32_t type, ByteView payload) {
    Bytes covered;
    covered.reserve(8 + payload.size());
    put(covered, length);
    put(covered, type);
    covered.insert(covered.end(), payload.begin(), payload.end());
    return checksum64(covered);
}

Bytes bytes_of(const JournalEntry& entry) {
    const Frame frame = std::visit([](const auto& finished) { return frame_of(finished); }, entry);
    if (frame.payload.size() > largest_payload)
        throw std::length_error{"a journal entry of more than 1 GiB"};
    const auto length = static_cast<std::uint32_t>(frame.payload.size());
    const auto type = static_cast<std::uint32_t>(frame.type);
    Bytes bytes;
    bytes.reserve(frame_head + frame.payload.size());
    put(bytes, length);
    put(bytes, type);
    put(bytes, checksum_of(length, type, frame.payload));
    put(bytes, frame.payload);
    return bytes;
}

ContentHash key_at(ByteView payload, std::size_t offset) {
    if (payload.size() < offset + 16) throw std::runtime_error{"an entry without its keys"};
    return {.high = get<std::uint64_t>(payload, offset),
            .low = get<std::uint64_t>(payload, offset + 8)};
}

JournalOutcomes decode_outcomes(ByteView payload) {
    if (payload.size() < 4) throw std::runtime_error{"an entry without its keys"};
    const auto count = get<std::uint32_t>(payload, 0);
    if (count > (payload.size() - 4) / 16) throw std::runtime_error{"an entry without its keys"};
    JournalOutcomes finished;
    for (std::size_t i = 0; i < count; ++i) finished.keys.push_back(key_at(payload, 4 + 16 * i));
    auto result = population::decode_result(payload.subspan(4 + 16 * std::size_t{count}));
    finished.outcomes = std::move(std::get<population::EvaluateResult>(result).outcomes);
    if (finished.outcomes.size() != count)
        throw std::runtime_error{"an entry with another number of keys than outcomes"};
    return finished;
}

JournalReply decode_reply(ByteView payload) {
    const ContentHash key = key_at(payload, 0);
    return {.key = key,
            .reply = std::get<population::Reply>(population::decode_result(payload.subspan(16)))};
}

struct Span {
    std::uint32_t type = 0;
    ByteView payload;
};

/// The frame at the front of `bytes`, when it is whole.
std::optional<Span> whole_frame(ByteView bytes) {
    if (bytes.size() < frame_head) return std::nullopt;
    const auto length = get<std::uint32_t>(bytes, 0);
    if (length > largest_payload || length > bytes.size() - frame_head) return std::nullopt;
    const auto type = get<std::uint32_t>(bytes, 4);
    const ByteView payload = bytes.subspan(frame_head, length);
    if (get<std::uint64_t>(bytes, 8) != checksum_of(length, type, payload)) return std::nullopt;
    return Span{.type = type, .payload = payload};
}

/// What a journal file holds: whole frames, and how far they reach.
struct Scan {
    std::vector<Span> frames;
    std::size_t sound = 0;  ///< bytes up to the end of the last whole frame; 0: not even the magic
};

/// Throws LoadError for a file that is no journal.
Scan scan(const std::filesystem::path& path, ByteView bytes) {
    const std::string_view begin = as_text(bytes.first(std::min(bytes.size(), magic.size())));
    if (begin != magic.substr(0, begin.size()))
        throw LoadError{path,
                        "not a journal of Evoke, or its first bytes are damaged. Removing it costs "
                        "the finished units of one generation, which will be computed again"};
    Scan found;
    if (begin.size() < magic.size()) return found;
    found.sound = magic.size();
    while (const auto frame = whole_frame(bytes.subspan(found.sound))) {
        found.frames.push_back(*frame);
        found.sound += frame_head + frame->payload.size();
    }
    return found;
}

}  // namespace

struct Journal::File {
    std::filesystem::path path;
    const Clock& clock;
    Duration sync_every;
    int descriptor = -1;
    std::uint64_t size = 0;                   ///< bytes of whole frames, and of the magic
    std::optional<TimePoint> unsynced_since;  ///< of the oldest frame that is not yet on the device

    ~File() {
        if (descriptor >= 0) ::close(descriptor);
    }

    void write(ByteView bytes) {
        if (const int failure = write_fully(descriptor, bytes); failure != 0) {
            // What is torn would hide the frames that may follow once there is space again.
            cut();
            throw_environment("write", path, failure);
        }
        size += bytes.size();
        if (!unsynced_since) unsynced_since = clock.now();
    }
    /// Drops everything behind the last whole frame.
    void cut() const {
        const auto end = static_cast<off_t>(size);
        if (::ftruncate(descriptor, end) != 0 || ::lseek(descriptor, end, SEEK_SET) != end)
            log::warn("{}: the torn tail could not be cut: {}", path.string(),
                      std::strerror(errno));
    }
};

Journal::Journal(const std::filesystem::path& path, const Clock& clock, Duration sync_every)
    : file_{new File{
          .path = path, .clock = clock, .sync_every = sync_every, .unsynced_since = std::nullopt}} {
    const bool is_new = !std::filesystem::exists(path);
    if (!is_new) file_->size = scan(path, MappedFile{path}.bytes()).sound;
    file_->descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file_->descriptor < 0) throw_environment("open", path, errno);
    file_->cut();
    if (file_->size == 0) file_->write(as_bytes(magic));
    sync();
    // The name of a new file lies in its folder.
    if (is_new) sync_path(path.has_parent_path() ? path.parent_path() : ".");
}

Journal::~Journal() {
    try {
        sync();
    } catch (const std::exception& error) {
        log::error("{}", error.what());
    }
}

void Journal::append(const JournalEntry& entry) {
    file_->write(bytes_of(entry));
    tick();
}

void Journal::tick() {
    if (file_->unsynced_since && file_->clock.now() - *file_->unsynced_since >= file_->sync_every)
        sync();
}

void Journal::sync() {
    if (!file_->unsynced_since) return;
    if (::fdatasync(file_->descriptor) != 0) throw_environment("flush", file_->path, errno);
    file_->unsynced_since.reset();
}

JournalContent read_journal(const std::filesystem::path& path) {
    if (!std::filesystem::exists(path)) return {};
    const MappedFile file{path};
    const Scan found = scan(path, file.bytes());
    JournalContent content{.entries = {}, .torn_bytes = file.bytes().size() - found.sound};
    for (const Span& frame : found.frames) {
        try {
            // Types of later versions are passed over: a journal only saves work.
            if (frame.type == static_cast<std::uint32_t>(FrameType::outcomes))
                content.entries.emplace_back(decode_outcomes(frame.payload));
            else if (frame.type == static_cast<std::uint32_t>(FrameType::reply))
                content.entries.emplace_back(decode_reply(frame.payload));
        } catch (const std::exception& error) {
            throw LoadError{path, fmt::format("entry {}: {}. Removing the journal costs the "
                                              "finished units of one generation, which will be "
                                              "computed again",
                                              content.entries.size() + 1, error.what())};
        }
    }
    return content;
}

}  // namespace evoke::checkpoint
