#pragma once

#include <memory>
#include <string>

#include "evoke/cluster/transport.hpp"

namespace evoke::cluster {

/// MPI from start to end of a process, MPI_THREAD_FUNNELED: create and use it in the main thread.
/// Works without mpirun as one rank. Where MPI runs already, it is used and left running.
class MpiSession {
public:
    /// Throws EnvironmentError: MPI cannot start, or srun started more tasks than MPI sees (each
    /// would take itself for the whole cluster).
    MpiSession();
    /// Finalises only after `finish_cleanly`: a collective would wait for lost ranks for ever.
    /// Requires: the transports are gone.
    ~MpiSession();
    MpiSession(const MpiSession&) = delete;
    MpiSession& operator=(const MpiSession&) = delete;

    [[nodiscard]] int rank() const;
    [[nodiscard]] int size() const;
    /// Among the ranks of this host, from MPI_Comm_split_type.
    [[nodiscard]] int local_rank() const;
    [[nodiscard]] int local_size() const;
    [[nodiscard]] std::string library() const;

    /// Messages on a communicator of their own. At most one at a time; it must not outlive the
    /// session. After run_coordinator or run_worker ended without loss it has called
    /// finish_cleanly.
    [[nodiscard]] std::unique_ptr<Transport> transport();
    /// Nobody was lost, and every rank knows it: the destructor, or `leave`, calls MPI_Finalize.
    void finish_cleanly();
    /// Ends the process at once with `code`: writes out the standard streams, calls
    /// MPI_Finalize if `finish_cleanly` was called (and does not wait for it for ever), and leaves
    /// by _exit. No destructor runs: an abandoned model thread may still use its replica.
    [[noreturn]] void leave(int code);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Whether this process was started by mpirun or srun.
[[nodiscard]] bool started_by_mpi();

}  // namespace evoke::cluster
