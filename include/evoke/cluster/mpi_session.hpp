#pragma once

#include <memory>
#include <string>

#include "evoke/cluster/transport.hpp"

namespace evoke::cluster {

/// MPI from start to end of a process, MPI_THREAD_FUNNELED: create and use it in the main thread.
/// Works without mpirun as one rank.
class MpiSession {
public:
    MpiSession();
    /// Finalises only after `finish_cleanly`: a collective would wait for lost ranks for ever.
    ~MpiSession();
    MpiSession(const MpiSession&) = delete;
    MpiSession& operator=(const MpiSession&) = delete;

    [[nodiscard]] int rank() const;
    [[nodiscard]] int size() const;
    /// Among the ranks of this host, from MPI_Comm_split_type.
    [[nodiscard]] int local_rank() const;
    [[nodiscard]] int local_size() const;
    [[nodiscard]] std::string library() const;

    [[nodiscard]] std::unique_ptr<Transport> transport();
    /// Nobody was lost: the destructor may call MPI_Finalize.
    void finish_cleanly();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Whether this process was started by mpirun or srun.
[[nodiscard]] bool started_by_mpi();

}  // namespace evoke::cluster
