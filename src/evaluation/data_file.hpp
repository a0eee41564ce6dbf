#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/mistakes.hpp"

namespace evoke::evaluation {

enum class DataFormat { jsonl, csv, tsv, txt };

/// `option` is TaskOptions::format; "auto" goes by the ending of `path`. nullopt: unknown.
[[nodiscard]] std::optional<DataFormat> data_format(std::string_view option,
                                                    const std::filesystem::path& path);

struct DataRow {
    std::size_t line = 0;  ///< from 1
    std::string input;
    std::string output;
};

struct DataColumns {
    std::string input;
    std::string output;
};

/// Rows in the order of the file; a byte order mark and empty lines are left out. Lines that cannot
/// be read go to `mistakes`, so do a missing file and one without rows.
///   jsonl  one object a line; values are texts, numbers or booleans
///   csv    RFC 4180 with a header
///   tsv    a header, fields divided by tabs, no quoting
///   txt    text, tab, answer; no header. The last tab divides
[[nodiscard]] std::vector<DataRow> read_data_file(const std::filesystem::path& path,
                                                  DataFormat format, const DataColumns& columns,
                                                  FileMistakes& mistakes);

}  // namespace evoke::evaluation
