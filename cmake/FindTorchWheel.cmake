# Finds libtorch as the PyPI wheel or the libtorch archive installs it, without asking for nvcc as the wheel's own
# TorchConfig.cmake does. CUDA is found at run time through the wheel's RPATH.
#
#   EVOKE_TORCH_DIR   in: folder with lib/libtorch.so and include/ATen; empty: the torch package inside EVOKE_VENV
#   TorchWheel_DIR    out: that folder
#   Evoke::Torch      out: target with headers and libraries

set(TorchWheel_DIR "${EVOKE_TORCH_DIR}")
if(NOT TorchWheel_DIR)
    file(GLOB TorchWheel_DIR LIST_DIRECTORIES true "${EVOKE_VENV}/lib/python3*/site-packages/torch")
endif()
list(LENGTH TorchWheel_DIR count)
if(count GREATER 1)
    list(GET TorchWheel_DIR 0 TorchWheel_DIR)
endif()

set(TorchWheel_LIBRARY "")
if(EXISTS "${TorchWheel_DIR}/lib/libtorch_cpu.so")
    set(TorchWheel_LIBRARY "${TorchWheel_DIR}/lib/libtorch_cpu.so")
endif()
set(TorchWheel_VERSION "")
set(header "${TorchWheel_DIR}/include/torch/headeronly/version.h")
if(EXISTS "${header}")
    foreach(part MAJOR MINOR PATCH)
        file(STRINGS "${header}" line REGEX "^#define TORCH_VERSION_${part} ")
        string(REGEX MATCH "[0-9]+" number "${line}")
        list(APPEND TorchWheel_VERSION "${number}")
    endforeach()
    list(JOIN TorchWheel_VERSION "." TorchWheel_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
    TorchWheel
    REQUIRED_VARS TorchWheel_LIBRARY TorchWheel_DIR
    VERSION_VAR TorchWheel_VERSION
    REASON_FAILURE_MESSAGE
        "no libtorch in '${EVOKE_TORCH_DIR}' or the virtual environment '${EVOKE_VENV}': run `make setup`, or set EVOKE_TORCH_DIR")

if(TorchWheel_FOUND AND NOT TARGET Evoke::Torch)
    set(config "${TorchWheel_DIR}/share/cmake/Torch/TorchConfig.cmake")
    if(EXISTS "${config}")
        file(STRINGS "${config}" old_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
        if(old_abi)
            message(FATAL_ERROR "${TorchWheel_DIR} is built with the old libstdc++ ABI, which cannot be linked with the "
                                "system's libraries. Use torch 2.7 or newer, or the cxx11-abi archive.")
        endif()
    endif()

    add_library(Evoke::TorchCpu SHARED IMPORTED)
    set_target_properties(Evoke::TorchCpu PROPERTIES IMPORTED_LOCATION "${TorchWheel_DIR}/lib/libtorch_cpu.so")
    add_library(Evoke::C10 SHARED IMPORTED)
    set_target_properties(Evoke::C10 PROPERTIES IMPORTED_LOCATION "${TorchWheel_DIR}/lib/libc10.so")

    # Nothing refers to a symbol of these; the program needs them loaded so that their kernels register.
    set(registering "${TorchWheel_DIR}/lib/libtorch.so")
    foreach(library libtorch_cuda.so libc10_cuda.so)
        if(EXISTS "${TorchWheel_DIR}/lib/${library}")
            string(APPEND registering ",${TorchWheel_DIR}/lib/${library}")
        endif()
    endforeach()

    add_library(Evoke::Torch INTERFACE IMPORTED)
    # Searched last: the wheel carries its own copies of fmt and other libraries, which must not hide the system's.
    target_compile_options(Evoke::Torch INTERFACE "SHELL:-idirafter ${TorchWheel_DIR}/include"
                                                  "SHELL:-idirafter ${TorchWheel_DIR}/include/torch/csrc/api/include")
    # The wheel exports pieces of a libstdc++ of its own (std::filesystem::remove_all jumps to address 0 there); the
    # system's must be found first, so it stands first among the libraries that the program loads.
    target_link_options(Evoke::Torch INTERFACE "SHELL:-Wl,--push-state,--no-as-needed -lstdc++ -Wl,--pop-state")
    target_link_libraries(
        Evoke::Torch INTERFACE "-Wl,--push-state,--no-as-needed,${registering},--pop-state" Evoke::TorchCpu Evoke::C10)
endif()
mark_as_advanced(TorchWheel_LIBRARY)
