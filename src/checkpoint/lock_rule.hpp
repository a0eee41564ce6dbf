#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace evoke::checkpoint {

/// Who holds a run: the content of its lock file.
struct LockHolder {
    std::string host;
    std::string boot;           ///< names the running kernel: changes with every start of the host
    std::string process_space;  ///< within which process numbers mean something (containers)
    std::int64_t process = 0;
    std::uint64_t started = 0;  ///< of the process, in clock ticks since the host's start
    std::string slurm_job;      ///< empty: none
    std::int64_t slurm_restart = 0;
    std::string taken;  ///< when, for people (and what makes two locks of one process two)

    friend bool operator==(const LockHolder&, const LockHolder&) = default;
};

/// This process.
[[nodiscard]] LockHolder this_process();

/// "key = value" lines. `parse` gives nothing for a text that is not one of these (a lock whose
/// writer died between making and filling it).
[[nodiscard]] std::string to_text(const LockHolder& holder);
[[nodiscard]] std::optional<LockHolder> parse_lock(std::string_view text);

/// Whether the holder's process can be looked for from here, and is there.
enum class HolderProcess { elsewhere, gone, alive };
[[nodiscard]] HolderProcess look_for(const LockHolder& holder, const LockHolder& me);

struct LockSituation {
    std::optional<LockHolder> holder;  ///< nullopt: unreadable
    LockHolder me;
    HolderProcess process = HolderProcess::elsewhere;
    double beat_age = 0;  ///< seconds
    double stale_after = 0;
};
struct LockVerdict {
    bool free = false;
    std::string reason;  ///< why it may be taken, or who holds it and until when
};
/// The rule of docs/checkpoint-format.md.
[[nodiscard]] LockVerdict judge(const LockSituation& situation);

}  // namespace evoke::checkpoint
