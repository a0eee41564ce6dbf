#include "checkpoint/hdf5_writer.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "checkpoint/hdf5_handle.hpp"

namespace evoke::checkpoint {

namespace {

/// Smaller columns are stored as they are: a chunk index costs more than compression saves.
constexpr std::size_t smallest_packed_bytes = 16 * 1024;
constexpr std::size_t chunk_bytes = 1024 * 1024;
constexpr unsigned deflate_level = 1;
/// Chunk filters to be skipped: shuffle and deflate.
constexpr std::uint32_t skip_filters = 3;

hid_t file_type(const Numbers& numbers) {
    const std::array<hid_t, 7> types{H5T_STD_U8LE,  H5T_STD_U16LE,  H5T_STD_U32LE, H5T_STD_U64LE,
                                     H5T_STD_I32LE, H5T_IEEE_F32LE, H5T_IEEE_F64LE};
    return types.at(numbers.index());
}

Hdf5Handle text_type() {
    Hdf5Handle type{H5Tcopy(H5T_C_S1), H5Tclose, "text type"};
    check(H5Tset_size(type.get(), H5T_VARIABLE), "text type");
    check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
    return type;
}

void write_attribute(hid_t object, const std::string& name, const std::string& value) {
    const Hdf5Handle type = text_type();
    const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose, name};
    const Hdf5Handle attribute{
        H5Acreate2(object, name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose, name};
    const char* text = value.c_str();
    check(H5Awrite(attribute.get(), type.get(), &text), name);
}

void write_attribute(hid_t object, const std::string& name,
                     const std::vector<std::string>& values) {
    const Hdf5Handle type = text_type();
    const hsize_t count = values.size();
    const Hdf5Handle space{H5Screate_simple(1, &count, nullptr), H5Sclose, name};
    const Hdf5Handle attribute{
        H5Acreate2(object, name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose, name};
    std::vector<const char*> texts;
    for (const std::string& value : values) texts.push_back(value.c_str());
    check(H5Awrite(attribute.get(), type.get(), texts.data()), name);
}

void describe(hid_t object, const std::string& encoding) {
    write_attribute(object, "encoding-type", encoding);
    write_attribute(object, "encoding-version", "1.0");
}

/// How a column lies in the file.
struct Layout {
    std::vector<hsize_t> chunk;  ///< empty: in one piece, not compressed
    std::size_t item_size = 0;   ///< bytes
};

/// One chunk's share of a column: always a run of numbers that lie one behind another.
struct Box {
    std::array<hsize_t, 2> begin{};
    std::array<hsize_t, 2> extent{1, 1};
    std::size_t items = 0;
};

/// Chunks are whole rows, or parts of one row.
Layout layout_of(const Column& column) {
    const std::size_t bytes = bytes_of(column.numbers).size();
    if (bytes < smallest_packed_bytes || column.shape.empty()) return {};
    const std::size_t item = bytes / count_of(column.numbers);
    const hsize_t items = chunk_bytes / item;
    const hsize_t length = column.shape.back();
    if (column.shape.size() == 1) return {.chunk = {std::min(length, items)}, .item_size = item};
    if (length > items) return {.chunk = {1, items}, .item_size = item};
    const hsize_t rows = std::min<hsize_t>(column.shape[0], items / length);
    return {.chunk = {rows, length}, .item_size = item};
}

/// The chunks of a column in the order of its numbers.
std::vector<Box> boxes(const std::vector<std::uint64_t>& shape, const std::vector<hsize_t>& chunk) {
    std::vector<Box> all;
    if (shape.size() == 1) {
        for (hsize_t i = 0; i < shape[0]; i += chunk[0]) {
            const hsize_t size = std::min(chunk[0], shape[0] - i);
            all.push_back({.begin = {i, 0}, .extent = {size, 1}, .items = size});
        }
        return all;
    }
    for (hsize_t row = 0; row < shape[0]; row += chunk[0]) {
        for (hsize_t i = 0; i < shape[1]; i += chunk[1]) {
            const hsize_t rows = std::min(chunk[0], shape[0] - row);
            const hsize_t size = std::min(chunk[1], shape[1] - i);
            all.push_back({.begin = {row, i}, .extent = {rows, size}, .items = rows * size});
        }
    }
    return all;
}

/// Whether deflate would earn its time on a part of a column of `column_bytes` bytes. Measurements
/// do not shrink: the bits of a mantissa are noise. Numbers of which few differ (right, wrong) do,
/// but in a very large column that costs more than writing them: there only constants are packed.
template <class T>
bool worth_packing(std::span<const T> values, std::size_t column_bytes) {
    constexpr std::size_t sample = 512;
    const std::size_t few = column_bytes <= chunk_bytes ? 64 : 1;
    std::unordered_set<T> distinct;
    const std::size_t stride = std::max<std::size_t>(1, values.size() / sample);
    for (std::size_t i = 0; i < values.size(); i += stride) {
        distinct.insert(values[i]);
        if (distinct.size() > few) return false;
    }
    return true;
}

/// One chunk as it is, past the filters.
template <class T>
void write_unpacked(hid_t dataset, const std::string& path, const Box& box,
                    std::span<const T> values, std::size_t chunk_items) {
    std::vector<T> padded;
    if (values.size() < chunk_items) {
        padded.assign(values.begin(), values.end());
        padded.resize(chunk_items);
        values = padded;
    }
    check(H5Dwrite_chunk(dataset, H5P_DEFAULT, skip_filters, box.begin.data(),
                         chunk_items * sizeof(T), values.data()),
          path);
}

template <class T>
void write_packed(hid_t dataset, const std::string& path, hid_t type, const Box& box,
                  std::span<const T> values) {
    const hsize_t count = values.size();
    const Hdf5Handle memory{H5Screate_simple(1, &count, nullptr), H5Sclose, path};
    const Hdf5Handle file{H5Dget_space(dataset), H5Sclose, path};
    check(H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, box.begin.data(), nullptr,
                              box.extent.data(), nullptr),
          path);
    check(H5Dwrite(dataset, type, memory.get(), file.get(), H5P_DEFAULT, values.data()), path);
}

/// Chunk by chunk, each packed or not as suits it.
template <class T>
void write_chunks(hid_t dataset, const Column& column, const Layout& layout,
                  const std::vector<T>& values) {
    const hid_t type = file_type(column.numbers);
    std::size_t chunk_items = 1;
    for (const hsize_t extent : layout.chunk) chunk_items *= extent;
    std::size_t next = 0;
    for (const Box& box : boxes(column.shape, layout.chunk)) {
        const std::span<const T> part{values.data() + next, box.items};
        next += box.items;
        if (column.pack || worth_packing(part, values.size() * sizeof(T))) {
            write_packed(dataset, column.path, type, box, part);
        } else {
            write_unpacked(dataset, column.path, box, part, chunk_items);
        }
    }
}

void write_column(hid_t file, const Column& column) {
    const hid_t type = file_type(column.numbers);
    const Layout layout = layout_of(column);
    const Hdf5Handle properties{H5Pcreate(H5P_DATASET_CREATE), H5Pclose, column.path};
    // Without times the same content makes the same bytes.
    check(H5Pset_obj_track_times(properties.get(), 0), column.path);
    check(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER), column.path);
    if (!layout.chunk.empty()) {
        check(H5Pset_chunk(properties.get(), static_cast<int>(layout.chunk.size()),
                           layout.chunk.data()),
              column.path);
        if (layout.item_size > 1) check(H5Pset_shuffle(properties.get()), column.path);
        check(H5Pset_deflate(properties.get(), deflate_level), column.path);
    }
    const std::vector<hsize_t> shape{column.shape.begin(), column.shape.end()};
    const Hdf5Handle space{
        shape.empty() ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
        H5Sclose, column.path};
    const Hdf5Handle dataset{H5Dcreate2(file, column.path.c_str(), type, space.get(), H5P_DEFAULT,
                                        properties.get(), H5P_DEFAULT),
                             H5Dclose, column.path};
    if (!layout.chunk.empty()) {
        std::visit([&](const auto& values) { write_chunks(dataset.get(), column, layout, values); },
                   column.numbers);
    } else if (count_of(column.numbers) > 0) {
        check(H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                       bytes_of(column.numbers).data()),
              column.path);
    }
    describe(dataset.get(), column.categories.empty() ? "array" : "categorical");
    if (!column.categories.empty()) write_attribute(dataset.get(), "categories", column.categories);
    if (!column.unit.empty()) write_attribute(dataset.get(), "unit", column.unit);
}

void write_group(hid_t file, const Group& group) {
    const Hdf5Handle properties{H5Pcreate(H5P_GROUP_CREATE), H5Pclose, group.path};
    check(H5Pset_obj_track_times(properties.get(), 0), group.path);
    const Hdf5Handle made{
        H5Gcreate2(file, group.path.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Gclose,
        group.path};
    describe(made.get(), group.encoding);
}

/// A file in memory alone, in the oldest layout that holds its content (the library's default):
/// files of its latest layout cannot be opened again after some crashes, or by older programs.
Hdf5Handle create_in_memory(std::size_t expected_bytes) {
    const Hdf5Handle access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "file access"};
    const std::size_t increment = std::max<std::size_t>(64 * 1024, expected_bytes / 4);
    check(H5Pset_fapl_core(access.get(), increment, 0), "file access");
    check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), "file access");
    return {H5Fcreate("generation in memory", H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose,
            "cannot create a file in memory"};
}

}  // namespace

Bytes hdf5_image(const Tree& tree, const std::shared_future<std::string>& digest) {
    const Hdf5Session session;
    std::size_t expected = 0;
    for (const Column& column : tree.columns) expected += bytes_of(column.numbers).size();
    const Hdf5Handle file = create_in_memory(expected);
    for (const Group& group : tree.groups) write_group(file.get(), group);
    for (const Column& column : tree.columns) write_column(file.get(), column);
    {
        const Hdf5Handle root{H5Gopen2(file.get(), "/", H5P_DEFAULT), H5Gclose, "/"};
        for (const auto& [name, value] : tree.attributes) write_attribute(root.get(), name, value);
        write_attribute(root.get(), "digest", digest.get());
    }
    check(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), "cannot flush a file in memory");
    const ssize_t size = H5Fget_file_image(file.get(), nullptr, 0);
    if (size < 0) throw Hdf5Error{"cannot take a file out of memory"};
    Bytes image(static_cast<std::size_t>(size));
    if (H5Fget_file_image(file.get(), image.data(), image.size()) != size)
        throw Hdf5Error{"cannot take a file out of memory"};
    return image;
}

}  // namespace evoke::checkpoint
