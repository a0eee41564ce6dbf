# What of the GPU this build can have. Both are found out here, and neither is needed: a program without them runs on a GPU
# through libtorch's plain operators.
#
#   EVOKE_CUDA            AUTO: own kernels when nvcc is found; ON: an error without it; OFF: none
#   EVOKE_CUDA_KERNELS    out: whether src/lm/cuda/kernels.cu is compiled
#   EVOKE_CUDA_GRAPHS     out: whether src/lm/cuda/graph_recorder.cpp is compiled, which needs CUDA's headers
#   EVOKE_CUDA_INCLUDES   out: where those are
#   EVOKE_FLASH_ATTENTION out: whether libtorch declares its private operator as src/lm/cuda/flash_attention.cpp calls it

set(EVOKE_CUDA AUTO CACHE STRING "Own CUDA kernels: AUTO (when nvcc is found), ON or OFF")
set_property(CACHE EVOKE_CUDA PROPERTY STRINGS AUTO ON OFF)

set(EVOKE_CUDA_KERNELS OFF)
if(NOT EVOKE_CUDA STREQUAL OFF)
    if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
        find_program(EVOKE_NVCC nvcc HINTS "$ENV{CUDA_HOME}/bin" PATHS /usr/local/cuda/bin)
        mark_as_advanced(EVOKE_NVCC)
        if(EVOKE_NVCC)
            set(ENV{CUDACXX} "${EVOKE_NVCC}")
        endif()
    endif()
    # Without a standing choice of architectures CMake looks for a GPU.
    if(NOT CMAKE_CUDA_ARCHITECTURES)
        set(CMAKE_CUDA_ARCHITECTURES 80)
    endif()
    include(CheckLanguage)
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
        enable_language(CUDA)
        set(EVOKE_CUDA_KERNELS ON)
    elseif(EVOKE_CUDA STREQUAL AUTO)
        message(STATUS "No nvcc: own CUDA kernels are left out")
    else()
        message(FATAL_ERROR "EVOKE_CUDA=${EVOKE_CUDA}, but no nvcc: set CUDACXX to it, or EVOKE_CUDA=OFF")
    endif()
endif()

# Of libtorch's headers for the recording of launches, and of CUDA's, which come with nvcc.
set(EVOKE_CUDA_GRAPHS OFF)
unset(EVOKE_CUDA_INCLUDES)
if(EVOKE_CUDA_KERNELS AND EXISTS "${TorchWheel_DIR}/include/ATen/cuda/CUDAGraph.h")
    find_path(EVOKE_CUDA_INCLUDES cuda_runtime_api.h PATHS ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES} NO_DEFAULT_PATH NO_CACHE)
    if(EVOKE_CUDA_INCLUDES)
        set(EVOKE_CUDA_GRAPHS ON)
    else()
        message(STATUS "No cuda_runtime_api.h beside nvcc: steps of generation are not recorded as CUDA graphs")
    endif()
endif()

set(EVOKE_FLASH_ATTENTION OFF)
set(header "${TorchWheel_DIR}/include/ATen/ops/_flash_attention_forward.h")
string(CONCAT known
    "at::Tensor _flash_attention_forward(query, key, value, Tensor? cum_seq_q, Tensor? cum_seq_k, int64_t max_q, int64_t max_k, "
    "double dropout_p, bool is_causal, bool return_debug_mask, double? scale, int64_t? window_size_left, "
    "int64_t? window_size_right, Tensor? seqused_k, Tensor? alibi_slopes)")
if(EXISTS "${header}")
    file(STRINGS "${header}" declarations REGEX "^inline ::std::tuple<.*> _flash_attention_forward\\(")
    string(CONCAT pattern
        "tuple<at::Tensor,at::Tensor,at::Tensor,at::Tensor,at::Tensor> _flash_attention_forward\\(const at::Tensor & query, "
        "const at::Tensor & key, const at::Tensor & value, const ::std::optional<at::Tensor> & cum_seq_q, "
        "const ::std::optional<at::Tensor> & cum_seq_k, int64_t max_q, int64_t max_k, double dropout_p, bool is_causal, "
        "bool return_debug_mask, ::std::optional<double> scale=[^,]*, ::std::optional<int64_t> window_size_left=[^,]*, "
        "::std::optional<int64_t> window_size_right=[^,]*, const ::std::optional<at::Tensor> & seqused_k")
    if(declarations MATCHES "${pattern}")
        set(EVOKE_FLASH_ATTENTION ON)
    endif()
endif()
if(NOT EVOKE_FLASH_ATTENTION)
    message(WARNING "libtorch ${TorchWheel_VERSION} declares flash attention otherwise than ${known}: attention on a GPU falls back "
                   "to plain operators, which are slow")
endif()
