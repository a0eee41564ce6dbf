#include "lm/checkpoint.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

#include "evoke/core/error.hpp"
#include "lm/config_reader.hpp"

namespace evoke::lm {

namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (const std::int64_t size : shape) {
        if (text.size() > 1) text += ", ";
        text += std::to_string(size);
    }
    return text + "]";
}

/// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t most = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
        text += (i == 0 ? "'" : ", '") + names[i] + "'";
    if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
    return text;
}

/// True when some element's exponent is all ones: an infinity or no number.
template <class Word>
bool any_not_finite(ByteView bytes, Word exponent_mask) {
    const std::size_t count = bytes.size() / sizeof(Word);
    const std::byte* data = bytes.data();
    unsigned found = 0;
    for (std::size_t i = 0; i < count; ++i) {
        Word word;
        std::memcpy(&word, data + i * sizeof(Word), sizeof(Word));
        found |= (word & exponent_mask) == exponent_mask ? 1U : 0U;
    }
    return found != 0;
}

bool any_not_finite(const StoredTensor& tensor) {
    switch (tensor.type) {
        case StoredType::float32:
            return any_not_finite<std::uint32_t>(tensor.bytes, 0x7f80'0000U);
        case StoredType::float16:
            return any_not_finite<std::uint16_t>(tensor.bytes, 0x7c00U);
        case StoredType::bfloat16:
            return any_not_finite<std::uint16_t>(tensor.bytes, 0x7f80U);
        case StoredType::other:
            break;
    }
    return false;
}

/// Old checkpoints of BERT call them so.
std::string modern_name(const std::string& name) {
    if (name.ends_with(".gamma")) return name.substr(0, name.size() - 5) + "weight";
    if (name.ends_with(".beta")) return name.substr(0, name.size() - 4) + "bias";
    return name;
}

}  // namespace

Checkpoint::Checkpoint(std::filesystem::path folder) : folder_{std::move(folder)} {
    if (!std::filesystem::is_directory(folder_)) fail("no such folder");
    const auto single = folder_ / "model.safetensors";
    const auto index = folder_ / "model.safetensors.index.json";
    if (std::filesystem::exists(single)) {
        add_file(single);
    } else if (std::filesystem::exists(index)) {
        add_indexed(index);
    } else if (std::filesystem::exists(folder_ / "pytorch_model.bin")) {
        fail("holds pytorch_model.bin only; convert it to safetensors first");
    } else {
        fail("holds neither model.safetensors nor model.safetensors.index.json");
    }
}

void Checkpoint::fail(const std::string& message) const {
    throw LoadError{folder_, message};
}

void Checkpoint::add_file(const std::filesystem::path& path) {
    files_.emplace_back(path);
    paths_.push_back(path);
    for (auto& [name, tensor] : read_safetensors(path, files_.back().bytes()))
        if (!tensors_.emplace(modern_name(name), std::move(tensor)).second)
            throw LoadError{path, "tensor '" + name + "' stands in another file too"};
}

void Checkpoint::add_indexed(const std::filesystem::path& index) {
    const ConfigReader reader{index};
    const nlohmann::json map = reader.value("weight_map");
    if (!map.is_object()) reader.refuse("weight_map", "expected a JSON object");
    std::set<std::string> names;
    for (const auto& [tensor, file] : map.items()) {
        if (!file.is_string() || file.get<std::string>().find('/') != std::string::npos)
            reader.refuse("weight_map." + tensor, "expected a file name of this folder");
        names.insert(file.get<std::string>());
    }
    for (const std::string& name : names) add_file(folder_ / name);
    for (const auto& [tensor, file] : map.items())
        if (!tensors_.contains(modern_name(tensor)))
            reader.refuse("weight_map." + tensor, "not in " + file.get<std::string>());
}

void Checkpoint::require(const std::map<std::string, std::vector<std::int64_t>>& expected,
                         const std::function<bool(const std::string& name)>& ignored) const {
    std::vector<std::string> missing;
    for (const auto& [name, shape] : expected) {
        const auto found = tensors_.find(name);
        if (found == tensors_.end()) {
            missing.push_back(name);
            continue;
        }
        const StoredTensor& tensor = found->second;
        if (tensor.shape != shape)
            fail("tensor '" + name + "': expected shape " + shape_text(shape) + ", found " +
                 shape_text(tensor.shape));
        if (tensor.type == StoredType::other)
            fail("tensor '" + name + "': dtype " + tensor.type_name +
                 " is not supported; supported: F32, F16, BF16");
    }
    if (!missing.empty()) fail("missing tensors: " + listed(missing));

    std::vector<std::string> surplus;
    for (const auto& [name, tensor] : tensors_)
        if (!expected.contains(name) && !ignored(name)) surplus.push_back(name);
    if (!surplus.empty()) fail("surplus tensors: " + listed(surplus));
}

void Checkpoint::require_finite() const {
    for (const auto& [name, tensor] : tensors_)
        if (any_not_finite(tensor))
            fail("tensor '" + name + "' holds a value that is not a finite number");
}

const StoredTensor& Checkpoint::tensor(const std::string& name) const {
    return tensors_.at(name);
}

StoredType Checkpoint::commonest_type() const {
    std::map<StoredType, std::int64_t> counts;
    for (const auto& [name, tensor] : tensors_) counts[tensor.type] += tensor.elements();
    const auto more = [](const auto& a, const auto& b) { return a.second < b.second; };
    return std::ranges::max_element(counts, more)->first;
}

std::uint64_t Checkpoint::parameters() const {
    std::uint64_t sum = 0;
    for (const auto& [name, tensor] : tensors_)
        sum += static_cast<std::uint64_t>(tensor.elements());
    return sum;
}

Sha256 Checkpoint::identity() const {
    if (identity_) return *identity_;
    Sha256Stream stream;
    for (const char* name : {"config.json", "generation_config.json"})
        if (const auto path = folder_ / name; std::filesystem::exists(path))
            stream.field(name).field(read_text_file(path));
    for (std::size_t i = 0; i < paths_.size(); ++i)
        stream.field(paths_[i].filename().string()).field(files_[i].bytes());
    return identity_.emplace(stream.finish());
}

}  // namespace evoke::lm
