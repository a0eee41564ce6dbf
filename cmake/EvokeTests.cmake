# How tests are registered. Every test runs with EVOKE_DATA (when known), and may start MPI as root.

set(evoke_default_data "$ENV{EVOKE_DATA}")
if(NOT evoke_default_data AND EXISTS "${PROJECT_SOURCE_DIR}/../shared/data")
    get_filename_component(evoke_default_data "${PROJECT_SOURCE_DIR}/../shared/data" ABSOLUTE)
endif()
set(EVOKE_DATA "${evoke_default_data}" CACHE PATH "Folder with models, tasks and tokenizers for tests and example jobs")

set(EVOKE_PYTHON "${EVOKE_VENV}/bin/python")
if(NOT EXISTS "${EVOKE_PYTHON}")
    find_program(EVOKE_PYTHON python3)
endif()

set(evoke_mpi_flags --oversubscribe --bind-to none)

# evoke_add_test(<name> SOURCES <file>... [LIBS <target>...] [ENV <NAME=value>...] [TIMEOUT s] [LABELS <label>...]
#                [PROCESSORS n])
#
# One GoogleTest program, one ctest entry. Private headers of a module are reached as "<module>/<file>.hpp".
function(evoke_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;PROCESSORS" "SOURCES;LIBS;ENV;LABELS")
    evoke_reject_unparsed(evoke_add_test "${arg_UNPARSED_ARGUMENTS}")
    evoke_test_program(${name} "${arg_SOURCES}" "${arg_LIBS};GTest::gmock_main")
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=0)
    evoke_test_properties(${name} "${arg_TIMEOUT}" "${arg_PROCESSORS}" "${arg_LABELS}" "${arg_ENV}")
endfunction()

# evoke_add_mpi_test(<name> RANKS <n>... SOURCES <file>... [LIBS <target>...] [ENV ...] [TIMEOUT s] [LABELS ...])
#
# One GoogleTest program whose tests run on all ranks at once (tests/support/mpi_main.cpp is its main), and one ctest
# entry <name>_on_<n>_ranks for each number of ranks. A failure on any rank fails the entry.
function(evoke_add_mpi_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "RANKS;SOURCES;LIBS;ENV;LABELS")
    evoke_reject_unparsed(evoke_add_mpi_test "${arg_UNPARSED_ARGUMENTS}")
    evoke_test_program(${name} "${arg_SOURCES};${PROJECT_SOURCE_DIR}/tests/support/mpi_main.cpp"
                       "${arg_LIBS};GTest::gmock;Evoke::Mpi")
    foreach(ranks IN LISTS arg_RANKS)
        set(entry ${name}_on_${ranks}_ranks)
        add_test(NAME ${entry} COMMAND ${MPIEXEC_EXECUTABLE} ${evoke_mpi_flags} ${MPIEXEC_NUMPROC_FLAG} ${ranks}
                                       $<TARGET_FILE:${name}>)
        # Open MPI itself leaks.
        evoke_test_properties(${entry} "${arg_TIMEOUT}" ${ranks} "mpi;${arg_LABELS}"
                              "${arg_ENV};ASAN_OPTIONS=detect_leaks=0")
    endforeach()
endfunction()

# evoke_add_python_test(<name> FILE <test_x.py> [ENV ...] [TIMEOUT s] [LABELS ...] [PROCESSORS n])
#
# One file of pytest tests. They find EVOKE_PROGRAM (the built `evoke`), EVOKE_SOURCE_DIR and EVOKE_BUILD_DIR.
function(evoke_add_python_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FILE;TIMEOUT;PROCESSORS" "ENV;LABELS")
    evoke_reject_unparsed(evoke_add_python_test "${arg_UNPARSED_ARGUMENTS}")
    get_filename_component(file "${arg_FILE}" ABSOLUTE)
    add_test(NAME ${name} COMMAND ${EVOKE_PYTHON} -m pytest -q -rs --color=no -p no:cacheprovider "${file}"
             WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set(environment "EVOKE_SOURCE_DIR=${PROJECT_SOURCE_DIR};EVOKE_BUILD_DIR=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
    list(APPEND environment "PYTHONPATH=${PROJECT_SOURCE_DIR}/analysis/src:${PROJECT_SOURCE_DIR}/tests/support"
         "EVOKE_PROGRAM=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/evoke")
    evoke_test_properties(${name} "${arg_TIMEOUT}" "${arg_PROCESSORS}" "python;${arg_LABELS}" "${environment};${arg_ENV}")
endfunction()

function(evoke_test_program name sources libraries)
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE evoke_options ${libraries})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests/bin")
endfunction()

function(evoke_test_properties name timeout processors labels environment)
    if(NOT timeout)
        set(timeout 120)
    endif()
    if(NOT processors)
        set(processors 1)
    endif()
    list(APPEND environment OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
    if(EVOKE_DATA)
        list(APPEND environment "EVOKE_DATA=${EVOKE_DATA}")
    endif()
    list(REMOVE_ITEM environment "")
    list(REMOVE_ITEM labels "")
    set_tests_properties(
        ${name} PROPERTIES TIMEOUT ${timeout} PROCESSORS ${processors} LABELS "${labels}" ENVIRONMENT "${environment}")
endfunction()
