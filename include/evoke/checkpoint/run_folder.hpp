#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evoke/checkpoint/generation_file.hpp"

namespace evoke::checkpoint {

/// Names of what lies in a run.
struct RunLayout {
    std::filesystem::path folder;
    [[nodiscard]] std::filesystem::path job() const { return folder / "job.toml"; }
    [[nodiscard]] std::filesystem::path generations() const { return folder / "generations"; }
    [[nodiscard]] std::filesystem::path generation(std::uint32_t number) const;
    [[nodiscard]] std::filesystem::path journal(std::uint32_t number) const;
    [[nodiscard]] std::filesystem::path events() const { return folder / "events.jsonl"; }
    [[nodiscard]] std::filesystem::path summary() const { return folder / "summary.json"; }
    [[nodiscard]] std::filesystem::path lock() const { return folder / "lock"; }
    /// Numbers of the generation files present, ascending.
    [[nodiscard]] std::vector<std::uint32_t> generation_numbers() const;
};

/// Who holds a run: host, process, Slurm job and restart count, and a beat (the time at which the
/// lock file changed last). Taken over when the holder ran here and its process is gone, when it is
/// the same Slurm job restarted, or when its beat is older than `stale_after`; refused otherwise,
/// and always while its process can be seen to live. docs/checkpoint-format.md has the rule.
class RunLock {
public:
    /// Throws RunFolderError naming the holder, or that the folder cannot be written;
    /// EnvironmentError (disk full).
    explicit RunLock(const std::filesystem::path& file, double stale_after_seconds = 120);
    ~RunLock();
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;
    /// Renews the beat when it is due; call it often. Throws RunFolderError when somebody else has
    /// taken the lock over since: then nothing more may be written.
    void beat();

private:
    struct Holder;
    std::unique_ptr<Holder> holder_;
};

/// The newest generation that verifies. Damaged newer files are set aside (renamed to
/// *.damaged) and named in `warnings`; a file that cannot be read now, or is of an unknown major
/// version, is not damaged and stops the search.
struct Newest {
    std::optional<GenerationRecord> record;  ///< nullopt: no generation was finished yet
    std::vector<std::string> warnings;
};
/// Throws RunFolderError when files are there but none verifies (nothing is renamed then), or when
/// one cannot be read.
[[nodiscard]] Newest newest_generation(const RunLayout& layout);

/// Keeps the newest `keep` generation files (0: all) and the last two journals.
void prune(const RunLayout& layout, std::uint32_t newest, std::size_t keep);

/// What `evoke verify` prints.
struct VerifyReport {
    struct File {
        std::filesystem::path path;
        std::string problem;  ///< empty: sound
    };
    std::vector<File> files;
    /// Hex digest of the run's scientific content: of the chain up to the newest sound generation,
    /// and its test outcomes. Empty when there is no generation.
    std::string digest;
    std::uint32_t newest = 0;
    [[nodiscard]] bool sound() const;
};
/// Throws RunFolderError when the folder is no run.
[[nodiscard]] VerifyReport verify_run(const RunLayout& layout);

}  // namespace evoke::checkpoint
