#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "lm/checkpoint.hpp"
#include "lm/host_file.hpp"
#include "lm/tensor_source.hpp"

namespace evoke::lm {

/// The matrices of a checkpoint whose file has another type or order than is computed in, converted
/// once per host: all ranks map the same HostFile, named by the checkpoint's identity and the type.
class ConvertedWeights {
public:
    /// Null when there is little to convert, or when the file cannot be made: then one line of the
    /// log says why, and each rank converts for itself.
    [[nodiscard]] static std::shared_ptr<const ConvertedWeights> open(
        const Checkpoint& checkpoint, const std::map<std::string, StoredMatrix>& asked,
        at::ScalarType dtype, const std::filesystem::path& folder);

    /// Undefined when the checkpoint's own tensor is what is computed with already, or has a single
    /// dimension. Keeps the mapping alive.
    [[nodiscard]] static at::Tensor find(std::shared_ptr<const ConvertedWeights> converted,
                                         const std::string& name);

    [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }

private:
    struct Place {
        std::size_t offset = 0;
        StoredMatrix stored;
    };
    struct Layout {
        std::map<std::string, Place> places;
        std::size_t bytes = 0;
    };
    static Layout layout_of(const Checkpoint& checkpoint,
                            const std::map<std::string, StoredMatrix>& asked, at::ScalarType dtype);

    ConvertedWeights(const Checkpoint& checkpoint, at::ScalarType dtype, Layout layout,
                     const std::filesystem::path& folder);

    at::ScalarType dtype_;
    std::map<std::string, Place> places_;
    HostFile file_;
};

}  // namespace evoke::lm
