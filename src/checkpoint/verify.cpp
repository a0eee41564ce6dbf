#include "evoke/core/format.hpp"

#include <algorithm>
#include <optional>

#include "checkpoint/digest.hpp"
#include "checkpoint/folder_content.hpp"
#include "evoke/checkpoint/journal.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/error.hpp"

namespace evoke::checkpoint {

namespace {

/// The message without the path that it begins with: the report names the file itself.
std::string without_path(const std::string& message, const std::filesystem::path& path) {
    const std::string prefix = path.string() + ": ";
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

VerifyReport::File check_journal(const RunLayout& layout, std::uint32_t number) {
    VerifyReport::File file{.path = layout.journal(number), .problem = {}};
    try {
        // A torn tail is what a killed coordinator leaves: expected, and cut on resume.
        (void)read_journal(file.path);
    } catch (const Error& error) {
        file.problem = without_path(error.what(), file.path);
    }
    return file;
}

/// What of a generation the next one is held against.
struct Link {
    std::uint32_t number = 0;
    std::string digest;
};

}  // namespace

bool VerifyReport::sound() const {
    return std::ranges::all_of(files, [](const File& file) { return file.problem.empty(); });
}

VerifyReport verify_run(const RunLayout& layout) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(layout.generations(), ignored) &&
        !std::filesystem::is_regular_file(layout.job(), ignored))
        throw RunFolderError{layout.folder, "is not the folder of a run"};

    VerifyReport report;
    std::optional<Link> last;
    for (const std::uint32_t number : layout.generation_numbers()) {
        VerifyReport::File file{.path = layout.generation(number), .problem = {}};
        try {
            const GenerationRecord record = read_numbered(layout, number);
            if (last && last->number + 1 == number && last->digest != record.previous_digest)
                file.problem = fmt::format("does not follow generation {}: it names another digest",
                                           last->number);
            if (number == 0 && !record.previous_digest.empty())
                file.problem = "is the first generation, but names one before it";
            last = {.number = number, .digest = record.digest};
            report.digest = run_digest(record);
            report.newest = number;
        } catch (const Error& error) {
            file.problem = without_path(error.what(), file.path);
        }
        report.files.push_back(std::move(file));
    }
    for (const std::uint32_t number : journal_numbers(layout))
        report.files.push_back(check_journal(layout, number));
    return report;
}

}  // namespace evoke::checkpoint
