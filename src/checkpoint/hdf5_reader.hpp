#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "checkpoint/tree.hpp"

namespace evoke::checkpoint {

/// Reads columns of an HDF5 file by name. Throws std::runtime_error, naming the column, for
/// whatever is missing or not as expected.
class Hdf5Reader {
public:
    explicit Hdf5Reader(const std::filesystem::path& path);
    ~Hdf5Reader();
    Hdf5Reader(const Hdf5Reader&) = delete;
    Hdf5Reader& operator=(const Hdf5Reader&) = delete;

    /// An attribute of the root.
    [[nodiscard]] std::string attribute(const std::string& name) const;

    struct Array {
        Numbers numbers;
        std::vector<std::uint64_t> shape;
    };
    /// Converted to the type of `like` where the file has another.
    [[nodiscard]] Array array(const std::string& path, const Numbers& like) const;

    /// Whether the file holds exactly this column.
    [[nodiscard]] bool holds(const Column& column) const;

    /// A column of numbers. `length` is checked unless it is `any`.
    static constexpr std::uint64_t any = ~std::uint64_t{0};
    template <class T>
    [[nodiscard]] std::vector<T> numbers(const std::string& path, std::uint64_t length) const {
        Array found = array(path, std::vector<T>{});
        require(found.shape.size() == 1, path, "is not one-dimensional");
        require(length == any || found.shape[0] == length, path,
                "has " + std::to_string(found.shape[0]) + " entries, expected " +
                    std::to_string(length));
        return std::get<std::vector<T>>(std::move(found.numbers));
    }
    template <class T>
    [[nodiscard]] T scalar(const std::string& path) const {
        const Array found = array(path, std::vector<T>{});
        require(found.shape.empty(), path, "is not a single number");
        return std::get<std::vector<T>>(found.numbers).at(0);
    }
    template <class T>
    struct Matrix {
        std::vector<T> values;  ///< [rows, columns]
        std::uint64_t rows = 0;
        std::uint64_t columns = 0;
    };
    template <class T>
    [[nodiscard]] Matrix<T> matrix(const std::string& path) const {
        Array found = array(path, std::vector<T>{});
        require(found.shape.size() == 2, path, "is not two-dimensional");
        return {.values = std::get<std::vector<T>>(std::move(found.numbers)),
                .rows = found.shape[0],
                .columns = found.shape[1]};
    }
    template <class T>
    [[nodiscard]] Lists<T> lists(const std::string& path, std::uint64_t length) const {
        return ragged<T>(path, path + "/values", length);
    }
    [[nodiscard]] std::vector<std::string> texts(const std::string& path,
                                                 std::uint64_t length) const;
    /// Throws when the condition does not hold.
    static void require(bool condition, const std::string& path, const std::string& how);

private:
    template <class T>
    [[nodiscard]] Lists<T> ragged(const std::string& path, const std::string& values,
                                  std::uint64_t length) const {
        Lists<T> lists{
            .values = numbers<T>(values, any),
            .offsets = numbers<std::uint64_t>(path + "/offsets", length == any ? any : length + 1)};
        check_offsets(path, lists.offsets, lists.values.size());
        return lists;
    }
    static void check_offsets(const std::string& path, const std::vector<std::uint64_t>& offsets,
                              std::size_t size);

    struct Dataset;
    struct File;
    std::unique_ptr<File> file_;
};

}  // namespace evoke::checkpoint
