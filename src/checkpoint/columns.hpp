#pragma once

#include <cmath>
#include <limits>
#include <stdexcept>

#include "checkpoint/tree.hpp"

namespace evoke::checkpoint {

/// One number per row, drawn out of a range of structs.
template <class T, class Range, class Get>
std::vector<T> column(const Range& range, Get get) {
    std::vector<T> values;
    values.reserve(range.size());
    for (const auto& item : range) values.push_back(static_cast<T>(get(item)));
    return values;
}

template <class T, class Range, class Get>
Lists<T> list_column(const Range& range, Get get) {
    Lists<T> lists;
    for (const auto& item : range) {
        for (const auto& element : get(item)) {
            if constexpr (requires { element.value; }) {
                lists.values.push_back(element.value);
            } else {
                lists.values.push_back(static_cast<T>(element));
            }
        }
        lists.offsets.push_back(lists.values.size());
    }
    return lists;
}

/// Every NaN as the same bits, so that equal content is equal bytes.
template <class Number>
Number canonical(Number value) {
    return std::isnan(value) ? std::numeric_limits<Number>::quiet_NaN() : value;
}

/// [rows, width], all of one width.
template <class Range, class Get>
Column matrix_column(std::string path, const Range& range, std::size_t width, Get get) {
    std::vector<double> values;
    values.reserve(range.size() * width);
    for (const auto& item : range) {
        const std::vector<double>& row = get(item);
        if (row.size() != width)
            throw std::invalid_argument{path + " has a row of " + std::to_string(row.size()) +
                                        " numbers where " + std::to_string(width) +
                                        " are expected"};
        for (const double value : row) values.push_back(canonical(value));
    }
    return {.path = std::move(path),
            .numbers = std::move(values),
            .shape = {range.size(), width},
            .unit = {},
            .categories = {}};
}

inline Column categorical(std::string path, std::vector<std::uint8_t> codes,
                          std::vector<std::string> categories, bool scientific) {
    const std::uint64_t count = codes.size();
    return {.path = std::move(path),
            .numbers = std::move(codes),
            .shape = {count},
            .unit = {},
            .categories = std::move(categories),
            .scientific = scientific};
}

/// Names of the enumerators 0 .. last.
template <class Enum>
std::vector<std::string> names(Enum last) {
    std::vector<std::string> all;
    for (unsigned value = 0; value <= static_cast<unsigned>(last); ++value)
        all.emplace_back(to_string(static_cast<Enum>(value)));
    return all;
}

}  // namespace evoke::checkpoint
