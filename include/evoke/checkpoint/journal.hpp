#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "evoke/core/clock.hpp"
#include "evoke/core/hash.hpp"
#include "evoke/population/outcome.hpp"
#include "evoke/population/wire.hpp"

namespace evoke::checkpoint {

/// Finished work by cache key.
struct JournalOutcomes {
    std::vector<ContentHash> keys;
    std::vector<population::Outcome> outcomes;  ///< one per key
};
struct JournalReply {
    ContentHash key;
    population::Reply reply;
};
using JournalEntry = std::variant<JournalOutcomes, JournalReply>;

/// Append-only frames: length, type, checksum, payload. See docs/checkpoint-format.md.
class Journal {
public:
    /// Appends to `path`, created when missing; a torn tail is cut first.
    /// Throws EnvironmentError, or LoadError for a file that is no journal.
    Journal(const std::filesystem::path& path, const Clock& clock, Duration sync_every);
    /// Syncs what is left; errors are logged.
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// Handed to the system at once, so that it outlives this process; on the device at the latest
    /// `sync_every` after this, provided that append or `tick` is called.
    /// Throws EnvironmentError (disk full); the journal then ends with the last whole entry.
    void append(const JournalEntry& entry);
    /// Syncs when it is due.
    void tick();
    void sync();

private:
    struct File;
    std::unique_ptr<File> file_;
};

struct JournalContent {
    std::vector<JournalEntry> entries;
    std::uint64_t torn_bytes = 0;  ///< behind the last whole frame
};
/// Empty for a missing file. Throws LoadError for a file that is no journal, or whose entries are
/// of another version.
[[nodiscard]] JournalContent read_journal(const std::filesystem::path& path);

}  // namespace evoke::checkpoint
