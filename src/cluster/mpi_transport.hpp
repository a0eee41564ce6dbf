#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "evoke/cluster/transport.hpp"

namespace evoke::cluster {

/// mpi.h stays in mpi_*.cpp: `communicator` points to the session's MPI_Comm.
[[nodiscard]] std::unique_ptr<Transport> make_mpi_transport(const void* communicator,
                                                            std::function<void()> everybody_left);

}  // namespace evoke::cluster
