#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/mistakes.hpp"

namespace evoke::evaluation {

struct CsvRecord {
    std::size_t line = 0;  ///< on which it begins, from 1
    std::vector<std::string> fields;
};

/// Comma-separated values as RFC 4180 defines them: fields in double quotes may hold commas, line
/// ends and doubled quotes; lines end with CRLF or LF, the last one may have no end. A quote inside
/// an unquoted field is taken as it stands. Empty lines are left out.
[[nodiscard]] std::vector<CsvRecord> read_csv(std::string_view text, FileMistakes& mistakes);

}  // namespace evoke::evaluation
