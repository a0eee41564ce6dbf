#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "text/json_part.hpp"

namespace evoke::text {

/// A JSON text as a part of a file called "t.json", alive as long as this object.
class JsonLiteral {
public:
    explicit JsonLiteral(std::string_view text) : value_(nlohmann::json::parse(text)) {}
    [[nodiscard]] JsonPart part() const { return {value_, file_}; }

private:
    nlohmann::json value_;
    std::filesystem::path file_{"t.json"};
};

}  // namespace evoke::text
