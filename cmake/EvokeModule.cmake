# evoke_add_module(<name> SOURCES <file>... [PUBLIC_DEPS <target>...] [PRIVATE_DEPS <target>...])
#
# The library evoke_<name> of src/<name>. Its public headers are include/evoke/<name>/*.hpp, each of which must compile
# alone (target all_verify_interface_header_sets). PUBLIC_DEPS are needed by those headers, PRIVATE_DEPS by the sources.
function(evoke_add_module name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC_DEPS;PRIVATE_DEPS")
    evoke_reject_unparsed(evoke_add_module "${arg_UNPARSED_ARGUMENTS}")
    add_library(evoke_${name} STATIC ${arg_SOURCES})
    target_link_libraries(
        evoke_${name}
        PUBLIC evoke_options ${arg_PUBLIC_DEPS}
        PRIVATE ${arg_PRIVATE_DEPS})
    target_include_directories(evoke_${name} PRIVATE "${PROJECT_SOURCE_DIR}/src")
    if(TARGET evoke_${name}_interface)
        target_link_libraries(evoke_${name} PUBLIC evoke_${name}_interface)
    else()
        evoke_public_headers(evoke_${name} PUBLIC ${name})
    endif()
endfunction()

# evoke_add_interface(<name> [PUBLIC_DEPS <target>...])
#
# evoke_<name>_interface: the public headers of a module without its code, for those who only use its abstract classes.
function(evoke_add_interface name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PUBLIC_DEPS")
    evoke_reject_unparsed(evoke_add_interface "${arg_UNPARSED_ARGUMENTS}")
    add_library(evoke_${name}_interface INTERFACE)
    target_link_libraries(evoke_${name}_interface INTERFACE evoke_options ${arg_PUBLIC_DEPS})
    evoke_public_headers(evoke_${name}_interface INTERFACE ${name})
endfunction()

function(evoke_public_headers target scope name)
    file(GLOB headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/evoke/${name}/*.hpp")
    target_sources(
        ${target}
        ${scope}
        FILE_SET HEADERS
        BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
        FILES ${headers})
endfunction()

function(evoke_reject_unparsed function_name unparsed)
    if(unparsed)
        message(FATAL_ERROR "${function_name}: unknown arguments: ${unparsed}")
    endif()
endfunction()
