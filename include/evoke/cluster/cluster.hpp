#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "evoke/cluster/options.hpp"
#include "evoke/cluster/transport.hpp"
#include "evoke/core/bytes.hpp"
#include "evoke/core/clock.hpp"
#include "evoke/core/hash.hpp"
#include "evoke/core/ids.hpp"

namespace evoke::cluster {

/// What a rank says of itself before it gets work. The coordinator refuses a rank whose job or
/// probe differs from its own.
struct Introduction {
    Sha256 job{};    ///< identity of the job and its data
    Sha256 probe{};  ///< bits that the replica answered the fixed probe with
    std::string host;
    std::string device;  ///< e.g. "cpu, 2 threads" or a GPU's name and UUID
};

/// Does one unit with this rank's replica; runs in the model thread. What it throws is sent back as
/// a failure (a value), and the unit is tried again, elsewhere if possible.
/// It must own what it uses (a shared_ptr to the replica, captured by value): a model thread that
/// hangs at the end is abandoned, not waited for.
using UnitHandler = std::function<Bytes(ByteView payload)>;

/// Counts the model thread's steps; the beats carry it, and only progress extends a lease.
using Progress = std::atomic<std::uint64_t>;

struct UnitDone {
    UnitId unit;
    Bytes result;
    WorkerId worker;
    double seconds = 0;  ///< of the model thread
};
/// A unit that `unit_attempts` workers failed on: the environment is broken.
struct UnitFailed {
    UnitId unit;
    std::string reason;
};
/// Somebody raised the stop flag. Units in flight still come.
struct StopRequested {};
using QueueEvent = std::variant<UnitDone, UnitFailed, StopRequested>;

/// One rank's share of the work, for the utilisation plot.
struct WorkerReport {
    WorkerId worker;
    std::string host;
    std::string device;
    std::uint64_t units = 0;
    double busy_seconds = 0;
    bool lost = false;  ///< not heard of, or without progress, when last looked at
    std::string note;   ///< why it was refused or lost
};

/// The search thread's end of the cluster: units in, results out. Thread-safe.
class WorkQueue {
public:
    virtual ~WorkQueue() = default;
    /// Heavier units are lent first; equal ones in the order of submission.
    virtual UnitId submit(Bytes payload, std::uint64_t weight) = 0;
    /// Waits for the next event.
    /// Throws what made the cluster as a whole fail (a refused rank, a broken transport); so does
    /// submit.
    [[nodiscard]] virtual QueueEvent wait() = 0;
    /// The same, but gives nothing (an index past the variant is never returned) after `patience`.
    [[nodiscard]] virtual std::optional<QueueEvent> wait_for(Duration patience) = 0;
    [[nodiscard]] virtual std::vector<WorkerReport> workers() const = 0;
};

struct Rank {
    Transport& transport;
    const Clock& clock;
    ClusterOptions options;
    Introduction introduction;
    UnitHandler handler;
    /// Incremented by the handler while it works (a language model's on_progress); the model thread
    /// itself adds one at the end of every unit.
    Progress& progress;
    /// Set by a signal handler; read between messages.
    const std::atomic<bool>& stop;
};

/// Rank 0. Calls `search` in a thread of its own, the local replica's handler in another, and moves
/// messages in the calling thread until the search returns or throws. Then the workers are told to
/// leave, the search thread is joined, and so is the model thread, unless it hangs: after
/// silence_seconds it is abandoned, and the process should end by _exit (MpiSession::leave).
///
/// Rethrows what the search threw. Throws RunFolderError when a rank's job or probe differs from
/// this one's: the rank is refused by name, and the run does not go on with a smaller cluster than
/// was asked for.
///
/// Returns whether every rank said goodbye (then MPI may be finalised, and the transport was told).
[[nodiscard]] bool run_coordinator(const Rank& rank, const std::function<void(WorkQueue&)>& search);

enum class WorkerEnd {
    dismissed,             ///< the search is over and every rank said goodbye
    dismissed_after_loss,  ///< the search is over, but a rank is missing: no MPI_Finalize
    coordinator_silent,    ///< nothing heard for silence_seconds
    refused,               ///< by name; the reason was logged. The process exits with code 4
};
/// Every other rank: serves units until dismissed. Returns within silence_seconds of the
/// coordinator's last sign of life, whatever the handler does.
[[nodiscard]] WorkerEnd run_worker(const Rank& rank);

}  // namespace evoke::cluster
