#include "cluster/mpi_check.hpp"

#include <mpi.h>

#include <array>
#include <filesystem>
#include <string>

#include "evoke/core/error.hpp"

namespace evoke::cluster {

void check_mpi(int code, std::source_location where) {
    if (code == MPI_SUCCESS) return;
    std::array<char, MPI_MAX_ERROR_STRING> text{};
    int length = 0;
    if (MPI_Error_string(code, text.data(), &length) != MPI_SUCCESS) length = 0;
    throw EnvironmentError{"MPI failed in " + std::string{where.function_name()} + " (" +
                           std::filesystem::path{where.file_name()}.filename().string() + ":" +
                           std::to_string(where.line()) +
                           "): " + std::string{text.data(), static_cast<std::size_t>(length)}};
}

}  // namespace evoke::cluster
