#include "checkpoint/hdf5_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "checkpoint/hdf5_handle.hpp"

namespace evoke::checkpoint {

namespace {

hid_t memory_type(const Numbers& numbers) {
    const std::array<hid_t, 7> types{H5T_NATIVE_UINT8,  H5T_NATIVE_UINT16, H5T_NATIVE_UINT32,
                                     H5T_NATIVE_UINT64, H5T_NATIVE_INT32,  H5T_NATIVE_FLOAT,
                                     H5T_NATIVE_DOUBLE};
    return types.at(numbers.index());
}

bool is_float(const Numbers& numbers) {
    return std::holds_alternative<std::vector<float>>(numbers) ||
           std::holds_alternative<std::vector<double>>(numbers);
}

Hdf5Handle open_file(const std::filesystem::path& path) {
    const Hdf5Handle access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "file access"};
    check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), "file access");
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
    // Finished files never change, and network file systems may refuse locks.
    check(H5Pset_file_locking(access.get(), 0, 1), "file access");
#endif
    return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose, "cannot be opened"};
}

}  // namespace

struct Hdf5Reader::File {
    explicit File(const std::filesystem::path& path)
        : file{open_file(path)}, bytes{std::filesystem::file_size(path)} {}
    Hdf5Session session;
    Hdf5Handle file;
    std::uint64_t bytes;
    Bytes scratch;  ///< one for all columns: fresh memory is slow
};

Hdf5Reader::Hdf5Reader(const std::filesystem::path& path) : file_{std::make_unique<File>(path)} {}

Hdf5Reader::~Hdf5Reader() = default;

void Hdf5Reader::require(bool condition, const std::string& path, const std::string& how) {
    if (!condition) throw std::runtime_error{path + " " + how};
}

std::string Hdf5Reader::attribute(const std::string& name) const {
    const std::string what = "attribute " + name;
    const Hdf5Handle attribute{
        H5Aopen_by_name(file_->file.get(), "/", name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
        what};
    const Hdf5Handle type{H5Aget_type(attribute.get()), H5Tclose, what};
    const Hdf5Handle space{H5Aget_space(attribute.get()), H5Sclose, what};
    require(
        H5Tis_variable_str(type.get()) > 0 && H5Sget_simple_extent_type(space.get()) == H5S_SCALAR,
        what, "is not a text");
    char* text = nullptr;
    check(H5Aread(attribute.get(), type.get(), &text), what);
    std::string value = text == nullptr ? "" : text;
    check(H5free_memory(text), what);
    return value;
}

/// A dataset that was found, and how large it is.
struct Hdf5Reader::Dataset {
    Hdf5Handle handle;
    std::vector<std::uint64_t> shape;
    std::uint64_t count = 1;

    /// Throws when it is not of the kind of `like`, or claims more than the file can hold.
    Dataset(const File& file, const std::string& path, const Numbers& like)
        : handle{H5Dopen2(file.file.get(), path.c_str(), H5P_DEFAULT), H5Dclose, path} {
        const Hdf5Handle type{H5Dget_type(handle.get()), H5Tclose, path};
        require(H5Tget_class(type.get()) == (is_float(like) ? H5T_FLOAT : H5T_INTEGER), path,
                "is of another type");
        const Hdf5Handle space{H5Dget_space(handle.get()), H5Sclose, path};
        const int rank = H5Sget_simple_extent_ndims(space.get());
        require(rank >= 0 && rank <= 2, path, "has too many dimensions");
        std::array<hsize_t, 2> extent{1, 1};
        check(H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr), path);
        shape.assign(extent.begin(), extent.begin() + rank);
        // Deflate shrinks by a factor of at most 1032: what claims to be larger is not there.
        require(extent[1] == 0 || extent[0] <= 1032 * file.bytes / extent[1], path,
                "is larger than the file can hold");
        count = extent[0] * extent[1];
    }
    void read(const std::string& path, const Numbers& like, void* target) const {
        if (count > 0)
            check(H5Dread(handle.get(), memory_type(like), H5S_ALL, H5S_ALL, H5P_DEFAULT, target),
                  path);
    }
};

Hdf5Reader::Array Hdf5Reader::array(const std::string& path, const Numbers& like) const {
    const Dataset dataset{*file_, path, like};
    Array result{.numbers = like, .shape = dataset.shape};
    std::visit(
        [&](auto& values) {
            values.resize(dataset.count);
            dataset.read(path, like, values.data());
        },
        result.numbers);
    return result;
}

bool Hdf5Reader::holds(const Column& column) const {
    const Dataset dataset{*file_, column.path, column.numbers};
    if (dataset.shape != column.shape) return false;
    const ByteView expected = bytes_of(column.numbers);
    std::vector<std::byte>& found = file_->scratch;
    if (found.size() < expected.size()) found.resize(expected.size());
    dataset.read(column.path, column.numbers, found.data());
    return expected.empty() || std::memcmp(found.data(), expected.data(), expected.size()) == 0;
}

void Hdf5Reader::check_offsets(const std::string& path, const std::vector<std::uint64_t>& offsets,
                               std::size_t size) {
    require(!offsets.empty() && offsets.front() == 0 && offsets.back() == size &&
                std::ranges::is_sorted(offsets),
            path, "has offsets that do not fit its values");
}

std::vector<std::string> Hdf5Reader::texts(const std::string& path, std::uint64_t length) const {
    const auto lists = ragged<std::uint8_t>(path, path + "/blob", length);
    std::vector<std::string> texts;
    texts.reserve(lists.offsets.size() - 1);
    for (std::size_t i = 0; i + 1 < lists.offsets.size(); ++i)
        texts.emplace_back(
            lists.values.begin() + static_cast<std::ptrdiff_t>(lists.offsets[i]),
            lists.values.begin() + static_cast<std::ptrdiff_t>(lists.offsets[i + 1]));
    return texts;
}

}  // namespace evoke::checkpoint
