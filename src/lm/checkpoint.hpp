#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "evoke/core/file.hpp"
#include "evoke/core/hash.hpp"
#include "lm/decoder_spec.hpp"
#include "lm/safetensors.hpp"

namespace evoke::lm {

/// The weights of a checkpoint folder, mapped. Views into it live as long as it does.
class Checkpoint {
public:
    /// Reads the headers of model.safetensors, or of the files that model.safetensors.index.json
    /// names. Throws LoadError.
    explicit Checkpoint(std::filesystem::path folder);

    /// Throws LoadError naming what is missing, surplus, of another shape, or of a type that is not
    /// computed with.
    void require(const DecoderSpec& spec) const;

    /// Throws LoadError naming the first tensor that holds a value that is not finite. Reads all
    /// weights.
    void require_finite() const;

    /// Requires: the name was checked by `require`.
    [[nodiscard]] const StoredTensor& tensor(const std::string& name) const;
    [[nodiscard]] bool contains(const std::string& name) const { return tensors_.contains(name); }

    /// Numbers stored, all tensors together.
    [[nodiscard]] std::uint64_t parameters() const;

    /// Over config.json, generation_config.json and the weights' files, byte by byte.
    [[nodiscard]] Sha256 identity() const;

private:
    void add_file(const std::filesystem::path& path);
    void add_indexed(const std::filesystem::path& index);
    [[noreturn]] void fail(const std::string& message) const;

    std::filesystem::path folder_;
    std::vector<std::filesystem::path> paths_;
    std::vector<MappedFile> files_;
    std::map<std::string, StoredTensor> tensors_;
};

/// The name under which the head's matrix is stored: its own, or the embedding's when tied.
[[nodiscard]] std::string head_tensor(const DecoderSpec& spec, const Checkpoint& checkpoint);
/// Likewise for the embedding: a tied checkpoint may hold the head alone.
[[nodiscard]] std::string embedding_tensor(const DecoderSpec& spec, const Checkpoint& checkpoint);

}  // namespace evoke::lm
