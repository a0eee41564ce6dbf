#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/text/json_file.hpp"

namespace evoke::text {

/// A value of a JSON file that knows where it stands, so that every complaint names the place.
/// Borrows the value and the file's path.
class JsonPart {
public:
    JsonPart(const nlohmann::json& value, const std::filesystem::path& file, std::string place = {})
        : value_{&value}, file_{&file}, place_{std::move(place)} {}

    [[nodiscard]] const nlohmann::json& value() const { return *value_; }
    [[nodiscard]] const std::string& place() const { return place_; }

    /// The member `key` of this object; throws LoadError when it is missing.
    [[nodiscard]] JsonPart at(std::string_view key) const;
    /// nullopt when the member is missing or null.
    [[nodiscard]] std::optional<JsonPart> find(std::string_view key) const;
    /// The elements of this array.
    [[nodiscard]] std::vector<JsonPart> items() const;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string text(std::string_view key) const { return at(key).text(); }
    [[nodiscard]] std::string text_or(std::string_view key, std::string_view fallback) const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] bool boolean_or(std::string_view key, bool fallback) const;
    [[nodiscard]] std::int64_t integer() const;
    /// An integer from 0 to `largest`.
    [[nodiscard]] std::int64_t index(std::int64_t largest) const;
    [[nodiscard]] double number() const;

    /// Throws when this object has a member that is not among `keys`: what is not known might
    /// change the ids.
    void allow_only(std::initializer_list<std::string_view> keys) const;

    /// Throws LoadError: file, place, message.
    [[noreturn]] void fail(const std::string& message) const;
    [[noreturn]] void expected(std::string_view what) const;

private:
    const nlohmann::json* value_;
    const std::filesystem::path* file_;
    std::string place_;
};

}  // namespace evoke::text
