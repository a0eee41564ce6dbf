#pragma once

#include <string>
#include <tuple>

#include "evoke/core/options.hpp"

namespace evoke::lm {

/// Which checkpoint, and how it is computed.
struct ModelOptions {
    std::string path;             ///< a folder in Hugging Face format
    std::string dtype = "auto";   ///< see DType
    std::string device = "auto";  ///< cpu, cuda, cuda:N; auto: CUDA when a device is visible
    int threads = 0;              ///< CPU threads; 0: the cores of this rank's share
    /// Tokens of one packed forward. 0: 2048; on a GPU fewer where that would take more than a
    /// quarter of the memory that the weights leave.
    int chunk_tokens = 0;
    /// States of shared prefixes kept between calls. -1: 256 on the processor; on a GPU three
    /// eighths of what is free once the weights are loaded, half of what all states may take.
    int prefix_cache_mib = -1;

    static constexpr auto rows() {
        using M = ModelOptions;
        return std::tuple{
            OptionRow{.name = "path",
                      .member = &M::path,
                      .meaning = "folder of the checkpoint in Hugging Face format",
                      .path = PathKind::input,
                      .required = true},
            OptionRow{.name = "dtype",
                      .member = &M::dtype,
                      .meaning =
                          "precision of weights and activations; auto is a rule: bfloat16 on "
                          "processors with AVX512-BF16 or AMX, else float32; on CUDA the "
                          "checkpoint's",
                      .choices = "auto|float32|bfloat16|float16"},
            OptionRow{.name = "device",
                      .member = &M::device,
                      .meaning = "cpu, cuda, cuda:N, or auto (CUDA when a device is visible)",
                      .kind = KeyKind::free},
            OptionRow{.name = "threads",
                      .member = &M::threads,
                      .meaning = "CPU threads of a replica; 0: its rank's share of the cores",
                      .minimum = 0,
                      .maximum = 1024,
                      .kind = KeyKind::free},
            OptionRow{
                .name = "chunk_tokens",
                .member = &M::chunk_tokens,
                .meaning =
                    "tokens of one packed forward; on the processor results do not depend on it; "
                    "0: 2048, on CUDA fewer where memory is short",
                .unit = "tokens",
                .minimum = 0,
                .maximum = 1048576,
                .kind = KeyKind::free},
            OptionRow{.name = "prefix_cache_mib",
                      .member = &M::prefix_cache_mib,
                      .meaning = "states of shared prefixes kept between calls; -1: 256 on the "
                                 "processor, on CUDA 3/8 of what is free beside the weights",
                      .unit = "MiB",
                      .minimum = -1,
                      .maximum = 1048576,
                      .kind = KeyKind::free},
        };
    }
};

}  // namespace evoke::lm
