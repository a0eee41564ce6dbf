#include "evoke/checkpoint/run_folder.hpp"

#include "evoke/core/format.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <ranges>
#include <string_view>
#include <system_error>

#include "checkpoint/folder_content.hpp"
#include "evoke/core/error.hpp"
#include "evoke/core/log.hpp"

namespace evoke::checkpoint {

namespace {

constexpr std::string_view generation_prefix = "gen-";
constexpr std::string_view generation_suffix = ".h5";
constexpr std::string_view journal_prefix = "journal-";

/// The number in a name of the form prefix, digits, suffix.
std::optional<std::uint32_t> number_in(std::string_view name, std::string_view prefix,
                                       std::string_view suffix) {
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
    name.remove_prefix(prefix.size());
    if (name.size() < suffix.size() + 6) return std::nullopt;
    name.remove_suffix(suffix.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

std::vector<std::uint32_t> numbers_in(const std::filesystem::path& folder, std::string_view prefix,
                                      std::string_view suffix) {
    std::vector<std::uint32_t> numbers;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator{folder, missing})
        if (const auto number = number_in(entry.path().filename().string(), prefix, suffix))
            numbers.push_back(*number);
    std::ranges::sort(numbers);
    return numbers;
}

void remove_quietly(const std::filesystem::path& file) {
    std::error_code failure;
    std::filesystem::remove(file, failure);
    if (failure) log::warn("{} could not be removed: {}", file.string(), failure.message());
}

/// Renames to a name that ends in ".damaged" and is free. Returns it, or the old one.
std::filesystem::path set_aside(const std::filesystem::path& file) {
    std::filesystem::path target = file.string() + ".damaged";
    for (int n = 2; std::filesystem::exists(target); ++n)
        target = fmt::format("{}.damaged-{}", file.string(), n);
    std::error_code failure;
    std::filesystem::rename(file, target, failure);
    if (!failure) return target;
    log::warn("{} could not be renamed: {}", file.string(), failure.message());
    return file;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += "\n  " + line;
    return text;
}

}  // namespace

std::filesystem::path RunLayout::generation(std::uint32_t number) const {
    return generations() / fmt::format("{}{:06}{}", generation_prefix, number, generation_suffix);
}

std::filesystem::path RunLayout::journal(std::uint32_t number) const {
    return folder / fmt::format("{}{:06}", journal_prefix, number);
}

std::vector<std::uint32_t> RunLayout::generation_numbers() const {
    return numbers_in(generations(), generation_prefix, generation_suffix);
}

std::vector<std::uint32_t> journal_numbers(const RunLayout& layout) {
    return numbers_in(layout.folder, journal_prefix, "");
}

GenerationRecord read_numbered(const RunLayout& layout, std::uint32_t number) {
    const std::filesystem::path path = layout.generation(number);
    GenerationRecord record = read_generation(path);
    if (record.state.generation != number)
        throw GenerationError{
            path, GenerationFault::damaged,
            fmt::format("holds generation {}: it was renamed or copied", record.state.generation)};
    return record;
}

Newest newest_generation(const RunLayout& layout) {
    Newest newest;
    std::vector<std::string> problems;
    std::vector<std::uint32_t> damaged;
    const std::vector<std::uint32_t> numbers = layout.generation_numbers();
    for (const std::uint32_t number : numbers | std::views::reverse) {
        try {
            newest.record = read_numbered(layout, number);
            break;
        } catch (const GenerationError& error) {
            // Only damage is worth stepping back for: what cannot be read now may be sound.
            if (error.fault() != GenerationFault::damaged)
                throw RunFolderError{layout.folder, error.what()};
            problems.emplace_back(error.what());
            damaged.push_back(number);
        }
    }
    if (!newest.record && !numbers.empty())
        throw RunFolderError{layout.folder, "no generation file verifies:" + joined(problems)};
    for (std::size_t i = 0; i < damaged.size(); ++i) {
        const std::filesystem::path kept = set_aside(layout.generation(damaged[i]));
        newest.warnings.push_back(problems[i] + "; set aside as " + kept.filename().string());
    }
    return newest;
}

void prune(const RunLayout& layout, std::uint32_t newest, std::size_t keep) {
    if (keep > 0) {
        const std::vector<std::uint32_t> numbers = layout.generation_numbers();
        const std::size_t surplus = numbers.size() > keep ? numbers.size() - keep : 0;
        for (std::size_t i = 0; i < surplus; ++i) remove_quietly(layout.generation(numbers[i]));
    }
    for (const std::uint32_t number : journal_numbers(layout))
        if (number < newest) remove_quietly(layout.journal(number));
}

}  // namespace evoke::checkpoint
