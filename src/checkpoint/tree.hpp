#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "evoke/core/bytes.hpp"

namespace evoke::checkpoint {

// Columns are hashed and compared as they lie in memory.
static_assert(std::endian::native == std::endian::little, "big-endian machines need conversions");

/// The numbers of a column, in one of the types that a file may hold.
using Numbers = std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>,
                             std::vector<std::uint32_t>, std::vector<std::uint64_t>,
                             std::vector<std::int32_t>, std::vector<float>, std::vector<double>>;

/// "u8", "u16", "u32", "u64", "i32", "f32" or "f64".
[[nodiscard]] std::string_view type_name(const Numbers& numbers);
[[nodiscard]] ByteView bytes_of(const Numbers& numbers);
[[nodiscard]] std::size_t count_of(const Numbers& numbers);
/// In the smallest of u8, u16 and u32 that holds them all: counts of tokens are small, and there
/// may be millions of them.
[[nodiscard]] Numbers narrowed(std::vector<std::uint32_t> numbers);

/// One dataset.
struct Column {
    std::string path;  ///< absolute: "/scores/status"
    Numbers numbers;
    std::vector<std::uint64_t> shape;     ///< row-major; empty: one number
    std::string unit;                     ///< empty: none
    std::vector<std::string> categories;  ///< when a number is an index into these
    bool scientific = true;               ///< part of the digest
    bool pack = false;                    ///< compress in any case; else where it earns its time
};

/// A group that is one thing: a table, a text column, a list column.
struct Group {
    std::string path;
    std::string encoding;  ///< attribute encoding-type
};

/// Ragged lists, end to end: list i is values[offsets[i]] .. values[offsets[i + 1]].
template <class T>
struct Lists {
    std::vector<T> values;
    std::vector<std::uint64_t> offsets{0};

    template <class Range>
    void append(const Range& items) {
        for (const auto& item : items) values.push_back(item);
        offsets.push_back(values.size());
    }
};

/// The content of a generation file, column by column, before and apart from HDF5.
struct Tree {
    std::map<std::string, std::string> attributes;  ///< of the root
    std::vector<Group> groups;                      ///< parents before children
    std::vector<Column> columns;                    ///< in the order of the digest

    void group(std::string path, std::string encoding) {
        groups.push_back({.path = std::move(path), .encoding = std::move(encoding)});
    }
    void add(Column column) { columns.push_back(std::move(column)); }
    /// A single number.
    template <class T>
    void scalar(std::string path, T value, bool scientific, std::string unit = {}) {
        add({.path = std::move(path),
             .numbers = std::vector<T>{value},
             .shape = {},
             .unit = std::move(unit),
             .categories = {},
             .scientific = scientific});
    }
    /// One number for each row.
    template <class T>
    void numbers(std::string path, std::vector<T> values, bool scientific, std::string unit = {}) {
        const std::uint64_t count = values.size();
        add({.path = std::move(path),
             .numbers = std::move(values),
             .shape = {count},
             .unit = std::move(unit),
             .categories = {},
             .scientific = scientific});
    }
    template <class T>
    void lists(const std::string& path, Lists<T> lists, bool scientific) {
        group(path, "list");
        numbers(path + "/values", std::move(lists.values), scientific);
        numbers(path + "/offsets", std::move(lists.offsets), scientific);
    }
    /// UTF-8 texts, end to end in `blob`.
    void texts(const std::string& path, Lists<std::uint8_t> texts, bool scientific) {
        group(path, "text");
        numbers(path + "/blob", std::move(texts.values), scientific, "byte");
        columns.back().pack = true;
        numbers(path + "/offsets", std::move(texts.offsets), scientific, "byte");
    }
};

}  // namespace evoke::checkpoint
