#include "evoke/text/json_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "evoke/core/error.hpp"
#include "evoke/core/file.hpp"

namespace evoke::text {

namespace {

constexpr std::size_t deepest = 64;

/// Where brackets outside of strings are first nested deeper than that.
std::optional<std::size_t> too_deep(std::string_view content) {
    std::size_t depth = 0;
    bool inside_string = false;
    for (std::size_t at = 0; at < content.size(); ++at) {
        const char c = content[at];
        if (inside_string) {
            if (c == '\\') ++at;
            inside_string = c != '"';
        } else if (c == '"') {
            inside_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest) return at;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return std::nullopt;
}

std::string line_of(std::string_view content, std::size_t byte) {
    const auto before = content.substr(0, std::min(byte, content.size()));
    return "line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1);
}

std::string mistake(std::string_view content, const nlohmann::json::parse_error& error) {
    // The byte at which reading stopped counts from 1.
    const std::string line = line_of(content, error.byte - std::min<std::size_t>(error.byte, 1));
    const bool cut = error.byte > content.size();
    return (cut ? "the file ends too early, in " : "mistake in ") + line + " (byte " +
           std::to_string(error.byte) + ")";
}

}  // namespace

nlohmann::json parse_json(std::string_view content, const std::filesystem::path& file,
                          std::string_view part) {
    const std::string subject = part.empty() ? "" : std::string{part} + ": ";
    const auto fail = [&](const std::string& message) {
        throw LoadError{file, subject + "not valid JSON: " + message};
    };
    if (const auto at = too_deep(content)) {
        throw LoadError{file, subject + "nested more than " + std::to_string(deepest) +
                                  " deep in " + line_of(content, *at)};
    }
    try {
        return nlohmann::json::parse(content);
    } catch (const nlohmann::json::parse_error& error) {
        fail(content.empty() ? "the file is empty" : mistake(content, error));
    } catch (const nlohmann::json::exception&) {
        fail("a number is out of range");
    }
    return {};
}

nlohmann::json read_json(const std::filesystem::path& file) {
    return parse_json(read_text_file(file), file);
}

}  // namespace evoke::text
