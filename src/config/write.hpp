#pragma once

#include <concepts>
#include <string>
#include <vector>

namespace evoke::config {

/// A value as TOML spells it, on one line; reads back as the same value.
[[nodiscard]] std::string toml_value(const std::string& text);
[[nodiscard]] std::string toml_value(const std::vector<std::string>& texts);
[[nodiscard]] std::string toml_value(bool value);
[[nodiscard]] std::string toml_value(double value);
template <std::integral Integer>
requires(!std::same_as<Integer, bool>) [[nodiscard]] std::string toml_value(Integer value) {
    return std::to_string(value);
}

}  // namespace evoke::config
