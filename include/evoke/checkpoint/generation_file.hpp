#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"
#include "evoke/core/hash.hpp"
#include "evoke/population/objective.hpp"
#include "evoke/population/score_matrix.hpp"
#include "evoke/population/state.hpp"

namespace evoke::checkpoint {

inline constexpr int format_major = 1;
inline constexpr int format_minor = 0;

/// One rank's share of a generation.
struct RankUsage {
    std::int32_t rank = 0;
    std::string host;
    std::string device;
    std::uint64_t units = 0;
    double busy_seconds = 0;
    bool lost = false;
};

/// Where and how it was made: never part of the digest.
struct Provenance {
    std::string software_version;
    std::string created;  ///< ISO 8601, UTC
    std::string hardware;
    std::int32_t ranks = 0;
    std::string slurm_job;
    std::int32_t restarts = 0;
    double wall_seconds = 0;  ///< this generation
    std::vector<RankUsage> usage;
    std::uint64_t cache_hits = 0;
    std::uint64_t cache_misses = 0;
};

/// One generation file: self-contained.
struct GenerationRecord {
    std::string job;  ///< the resolved job as TOML
    /// Hex SHA-256 of "job" (identity keys), "model", "tokenizer", "data", "probe".
    std::map<std::string, std::string> identities;
    /// What the columns of Individual::measures are called (Task::measure_names); the first of them
    /// are those of Outcome::values.
    std::vector<std::string> measures;
    std::vector<population::Objective> objectives;
    population::SearchState state;
    /// Test outcomes of the archive, empty until they are taken.
    population::ScoreMatrix test;
    std::string previous_digest;  ///< hex; empty for generation 0
    std::string digest;           ///< hex; set by write, checked by read
    Provenance provenance;
};

/// Hex SHA-256 over the canonical content of the search (not test outcomes, provenance or HDF5
/// encoding), chained to previous_digest.
[[nodiscard]] std::string digest_of(const GenerationRecord& record);

/// tmp → closed → reopened and verified → fsync → rename → fsync of the folder. Returns the digest.
/// `record.digest` is not looked at. Throws EnvironmentError (disk full, no permission); the file
/// of that name, if any, is then untouched and the temporary one gone. Throws std::invalid_argument
/// for individuals or outcomes that have not all the same number of objectives, measures or values.
std::string write_generation(const std::filesystem::path& path, const GenerationRecord& record,
                             const WriteProbe& probe = {});

/// What is wrong with a generation file.
enum class GenerationFault {
    unreadable,       ///< not there, no permission, an error of the disk
    damaged,          ///< truncated, corrupted, or no generation file at all
    unknown_version,  ///< sound, but of a major version that this program does not know
};
class GenerationError : public LoadError {
public:
    GenerationError(const std::filesystem::path& file, GenerationFault fault,
                    const std::string& message)
        : LoadError{file, message}, fault_{fault} {}
    [[nodiscard]] GenerationFault fault() const { return fault_; }

private:
    GenerationFault fault_;
};

/// Reads and verifies: every byte against the file's checksum before anything else, the content
/// against its digest at the end. Throws GenerationError naming what is damaged, or the unknown
/// major version; EnvironmentError when memory runs out.
[[nodiscard]] GenerationRecord read_generation(const std::filesystem::path& path);

}  // namespace evoke::checkpoint
