# What every target of the project is compiled with: `evoke_options`, and the defaults for build folders.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
# An installed program finds libtorch and MPI where the linker found them.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

find_program(EVOKE_CCACHE ccache)
if(EVOKE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The sloppiness is what ccache needs to cache files that use a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros" "${EVOKE_CCACHE}")
endif()

find_package(Threads REQUIRED)

add_library(evoke_options INTERFACE)
target_compile_features(evoke_options INTERFACE cxx_std_20)
target_link_libraries(evoke_options INTERFACE Threads::Threads)
target_compile_options(
    evoke_options
    INTERFACE
        -Wall
        -Wextra
        -Wpedantic
        -Wconversion
        -Wshadow
        -Wnon-virtual-dtor
        -Woverloaded-virtual
        -Wold-style-cast
        -Wextra-semi
        -Wformat=2
        # Options{.width = 3} leaves the other members at their defaults on purpose.
        -Wno-missing-field-initializers
        $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wlogical-op>
        # GCC 12 reports overlapping copies inside std::string operator+ that do not exist (GCC bug 105651).
        $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
        $<$<BOOL:${EVOKE_WERROR}>:-Werror>
        # Equal bits on every processor: no fused multiply-add that the source did not ask for.
        -ffp-contract=off)
target_compile_definitions(evoke_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(EVOKE_SANITIZE)
    target_compile_options(evoke_options INTERFACE -fsanitize=${EVOKE_SANITIZE} -fno-omit-frame-pointer
                                                   -fno-sanitize-recover=all)
    target_link_options(evoke_options INTERFACE -fsanitize=${EVOKE_SANITIZE})
    # GCC's flow analysis misfires inside instrumented library code.
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        target_compile_options(evoke_options INTERFACE -Wno-maybe-uninitialized)
        if(EVOKE_SANITIZE MATCHES thread)
            target_compile_options(evoke_options INTERFACE -Wno-tsan)
        endif()
    endif()
endif()
