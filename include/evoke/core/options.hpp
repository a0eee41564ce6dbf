#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace evoke {

/// Whether a key may change when a run is resumed (design section 7).
enum class KeyKind {
    identity,    ///< decides results: a change is refused
    extendable,  ///< may grow: generations, budget
    free,        ///< where and how it runs, never what comes out
};

/// A text that names a file or folder: relative ones start from the job file.
enum class PathKind {
    none,
    input,   ///< must exist when not empty
    output,  ///< made when missing
};

/// One line of an option struct's description. Parsing, validation, --help and docs/jobs.md come
/// from it. Every struct with options offers `static constexpr auto rows()`: a std::tuple of these,
/// e.g. OptionRow{.name = "population", .member = &SearchOptions::population, .meaning = "…"}.
template <class Struct, class Value>
struct OptionRow {
    std::string_view name;
    Value Struct::*member;
    std::string_view meaning;
    std::string_view unit = {};  ///< empty: a pure number or text
    double minimum = -std::numeric_limits<double>::infinity();
    double maximum = std::numeric_limits<double>::infinity();
    std::string_view choices = {};  ///< "a|b|c": the only texts allowed
    KeyKind kind = KeyKind::identity;
    PathKind path = PathKind::none;
    bool required = false;
};

/// A struct that describes itself.
template <class T>
concept Described = requires {
    T::rows();
};

/// Calls `visit(row)` for each row of the description, in order.
template <Described T, class Visitor>
constexpr void for_each_row(Visitor&& visit) {
    std::apply([&](const auto&... row) { (visit(row), ...); }, T::rows());
}

/// The type of an option as a person reads it: "integer", "number", "true or false", "text",
/// "list of texts".
template <class Value>
[[nodiscard]] constexpr std::string_view type_name() {
    if constexpr (std::same_as<Value, bool>) {
        return "true or false";
    } else if constexpr (std::integral<Value>) {
        return "integer";
    } else if constexpr (std::floating_point<Value>) {
        return "number";
    } else if constexpr (std::same_as<Value, std::string>) {
        return "text";
    } else if constexpr (std::same_as<Value, std::vector<std::string>>) {
        return "list of texts";
    } else {
        static_assert(std::same_as<Value, std::optional<std::string>>, "not an option type");
        return "text";
    }
}

}  // namespace evoke
