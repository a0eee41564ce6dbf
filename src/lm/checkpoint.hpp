#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evoke/core/file.hpp"
#include "evoke/core/hash.hpp"
#include "lm/safetensors.hpp"

namespace evoke::lm {

/// The weights of a checkpoint folder, mapped. Views into it live as long as it does.
class Checkpoint {
public:
    /// Reads the headers of model.safetensors, or of the files that model.safetensors.index.json
    /// names. Norms of old files, which end in .gamma and .beta, are known by .weight and .bias.
    /// Throws LoadError.
    explicit Checkpoint(std::filesystem::path folder);

    /// Throws LoadError naming what is missing of `expected` (shapes by name), what is neither
    /// expected nor `ignored`, of another shape, or of a type that is not computed with.
    void require(const std::map<std::string, std::vector<std::int64_t>>& expected,
                 const std::function<bool(const std::string& name)>& ignored) const;

    /// Throws LoadError naming the first tensor that holds a value that is not finite. Reads all
    /// weights.
    void require_finite() const;

    /// Requires: the name is there.
    [[nodiscard]] const StoredTensor& tensor(const std::string& name) const;
    [[nodiscard]] bool contains(const std::string& name) const { return tensors_.contains(name); }

    [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }

    /// The type that most numbers are stored in.
    [[nodiscard]] StoredType commonest_type() const;

    /// Numbers stored, all tensors together.
    [[nodiscard]] std::uint64_t parameters() const;

    /// Over config.json, generation_config.json and the weights' files, byte by byte; remembered.
    [[nodiscard]] Sha256 identity() const;

private:
    void add_file(const std::filesystem::path& path);
    void add_indexed(const std::filesystem::path& index);
    [[noreturn]] void fail(const std::string& message) const;

    std::filesystem::path folder_;
    std::vector<std::filesystem::path> paths_;
    std::vector<MappedFile> files_;
    std::map<std::string, StoredTensor> tensors_;
    mutable std::optional<Sha256> identity_;
};

}  // namespace evoke::lm
