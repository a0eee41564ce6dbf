# Third-party code. Which module may use what: docs/architecture.md. On a cluster the usual variables of each find module
# choose another installation: MPI_HOME, HDF5_ROOT, EVOKE_TORCH_DIR, CMAKE_PREFIX_PATH, PKG_CONFIG_PATH.

find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json REQUIRED)
find_package(cereal REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)

set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.74 REQUIRED)

set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C)

find_package(MPI REQUIRED COMPONENTS C)
# The C++ bindings of mpi.h are not used, and Open MPI 4 would need another library for them.
add_library(evoke_mpi INTERFACE)
target_link_libraries(evoke_mpi INTERFACE MPI::MPI_C)
target_compile_definitions(evoke_mpi INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
add_library(Evoke::Mpi ALIAS evoke_mpi)

if(EVOKE_WITH_TORCH)
    find_package(TorchWheel REQUIRED)
    include(EvokeCuda)
    # at::parallel_for is a template: it runs on one thread unless those who call it are compiled with OpenMP.
    # As flags, not as a library file: the program shall load the OpenMP runtime that comes with libtorch, once.
    find_package(OpenMP REQUIRED COMPONENTS CXX)
    add_library(evoke_openmp INTERFACE)
    target_compile_options(evoke_openmp INTERFACE ${OpenMP_CXX_FLAGS})
    target_link_options(evoke_openmp INTERFACE ${OpenMP_CXX_FLAGS})
    add_library(Evoke::OpenMP ALIAS evoke_openmp)
endif()

if(EVOKE_TESTS)
    find_package(GTest REQUIRED)
endif()
