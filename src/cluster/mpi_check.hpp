#pragma once

#include <source_location>

namespace evoke::cluster {

/// Throws EnvironmentError with MPI's own words and the place of the call, unless `code` is
/// MPI_SUCCESS. Every return code goes through here, or is handled as the loss of a rank.
void check_mpi(int code, std::source_location where = std::source_location::current());

}  // namespace evoke::cluster
