#include "lm/safetensors.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <utility>

#include "evoke/core/error.hpp"
#include "evoke/text/json_file.hpp"

namespace evoke::lm {

namespace {

constexpr std::uint64_t length_size = 8;
/// The format's own limit.
constexpr std::uint64_t largest_header = 100'000'000;

struct TypeRow {
    std::string_view name;
    StoredType type;
    std::uint64_t bits;
};

constexpr std::array type_rows{
    TypeRow{"F32", StoredType::float32, 32},   TypeRow{"F16", StoredType::float16, 16},
    TypeRow{"BF16", StoredType::bfloat16, 16}, TypeRow{"F64", StoredType::other, 64},
    TypeRow{"I64", StoredType::other, 64},     TypeRow{"U64", StoredType::other, 64},
    TypeRow{"I32", StoredType::other, 32},     TypeRow{"U32", StoredType::other, 32},
    TypeRow{"I16", StoredType::other, 16},     TypeRow{"U16", StoredType::other, 16},
    TypeRow{"I8", StoredType::other, 8},       TypeRow{"U8", StoredType::other, 8},
    TypeRow{"BOOL", StoredType::other, 8},     TypeRow{"F8_E4M3", StoredType::other, 8},
    TypeRow{"F8_E5M2", StoredType::other, 8},
};

struct Extent {
    std::uint64_t begin, end;
    std::string name;
};

class HeaderReader {
public:
    HeaderReader(const std::filesystem::path& path, ByteView file) : path_{path}, file_{file} {}

    std::map<std::string, StoredTensor> read() {
        const nlohmann::json header = parse_header();
        for (const auto& [name, entry] : header.items())
            if (name != "__metadata__") add(name, entry);
        check_layout();
        return std::move(tensors_);
    }

private:
    [[noreturn]] void fail(const std::string& message) const { throw LoadError{path_, message}; }

    nlohmann::json parse_header() {
        if (file_.size() < length_size)
            fail("not a safetensors file: " + std::to_string(file_.size()) + " bytes");
        std::uint64_t length = 0;
        for (std::size_t i = length_size; i-- > 0;)
            length = length << 8U | std::to_integer<std::uint64_t>(file_[i]);
        const std::uint64_t present = file_.size() - length_size;
        if (length > largest_header || length > present)
            fail("not a safetensors file, or truncated: the header claims " +
                 std::to_string(length) + " bytes, the file holds " + std::to_string(present) +
                 " after its length");
        data_ = file_.subspan(length_size + length);
        auto header =
            text::parse_json(as_text(file_.subspan(length_size, length)), path_, "the header");
        if (!header.is_object()) fail("the header is not a JSON object");
        return header;
    }

    void add(const std::string& name, const nlohmann::json& entry) {
        const std::string subject = "tensor '" + name + "': ";
        if (!entry.is_object()) fail(subject + "expected a JSON object");
        StoredTensor tensor;
        const auto type = entry.find("dtype");
        if (type == entry.end() || !type->is_string()) fail(subject + "dtype: expected a name");
        tensor.type_name = type->get<std::string>();
        const auto* row = std::ranges::find(type_rows, tensor.type_name, &TypeRow::name);
        if (row == type_rows.end()) fail(subject + "unknown dtype '" + tensor.type_name + "'");
        tensor.type = row->type;
        tensor.shape = shape_of(subject, entry);

        const auto [begin, end] = offsets_of(subject, entry);
        const std::optional<std::uint64_t> size = byte_size(tensor.shape, row->bits);
        if (!size || *size != end - begin)
            fail(subject + tensor.type_name + " of this shape takes " +
                 (size ? std::to_string(*size) : "2^64 or more") +
                 " bytes, its data_offsets span " + std::to_string(end - begin));
        tensor.bytes = data_.subspan(begin, end - begin);
        extents_.push_back({begin, end, name});
        tensors_.emplace(name, std::move(tensor));
    }

    std::vector<std::int64_t> shape_of(const std::string& subject,
                                       const nlohmann::json& entry) const {
        const auto shape = entry.find("shape");
        if (shape == entry.end() || !shape->is_array())
            fail(subject + "shape: expected a list of sizes");
        std::vector<std::int64_t> sizes;
        for (const nlohmann::json& size : *shape) {
            if (!size.is_number_unsigned() ||
                size.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
                fail(subject + "shape: expected a list of sizes");
            sizes.push_back(size.get<std::int64_t>());
        }
        return sizes;
    }

    struct Offsets {
        std::uint64_t begin, end;
    };
    Offsets offsets_of(const std::string& subject, const nlohmann::json& entry) const {
        const auto offsets = entry.find("data_offsets");
        if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2 ||
            !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned())
            fail(subject + "data_offsets: expected two places in the file");
        const Offsets found{(*offsets)[0].get<std::uint64_t>(), (*offsets)[1].get<std::uint64_t>()};
        if (found.begin > found.end) fail(subject + "its offsets run backwards");
        if (found.end > data_.size())
            fail(subject + "ends at byte " + std::to_string(found.end) + ", but the file holds " +
                 std::to_string(data_.size()) + " bytes of data (truncated?)");
        return found;
    }

    static std::optional<std::uint64_t> byte_size(const std::vector<std::int64_t>& shape,
                                                  std::uint64_t bits) {
        std::uint64_t size = bits / 8;
        for (const std::int64_t dimension : shape)
            if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(dimension), &size))
                return std::nullopt;
        return size;
    }

    void check_layout() {
        std::ranges::sort(extents_, {}, [](const Extent& e) { return std::pair{e.begin, e.end}; });
        std::uint64_t reached = 0;
        const std::string* before = nullptr;
        for (const Extent& extent : extents_) {
            if (extent.begin < reached)
                fail("tensors '" + *before + "' and '" + extent.name + "' overlap");
            if (extent.begin > reached) fail("unused bytes before tensor '" + extent.name + "'");
            reached = extent.end;
            before = &extent.name;
        }
        if (reached != data_.size())
            fail(std::to_string(data_.size() - reached) + " bytes after the last tensor");
    }

    const std::filesystem::path& path_;
    ByteView file_;
    ByteView data_;
    std::map<std::string, StoredTensor> tensors_;
    std::vector<Extent> extents_;
};

}  // namespace

std::int64_t StoredTensor::elements() const {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>{});
}

std::map<std::string, StoredTensor> read_safetensors(const std::filesystem::path& path,
                                                     ByteView file) {
    return HeaderReader{path, file}.read();
}

}  // namespace evoke::lm
