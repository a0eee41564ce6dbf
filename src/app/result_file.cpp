#include "app/result_file.hpp"

#include <cstdio>
#include <fstream>
#include <new>
#include <string>

#include "evoke/core/format.hpp"

namespace evoke::app {

void write_result(const std::filesystem::path& file, int rank, ExitCode code) {
    if (rank != 0 && read_result(file)) return;
    const auto temporary = file.string() + format(".{}", rank);
    std::ofstream{temporary} << static_cast<int>(code) << "\n";
    std::error_code ignored;
    std::filesystem::rename(temporary, file, ignored);
}

std::optional<ExitCode> read_result(const std::filesystem::path& file) {
    std::ifstream stream{file};
    int code = 0;
    if (!(stream >> code)) return std::nullopt;
    return static_cast<ExitCode>(code);
}

ExitCode report_failure(const std::exception& error) {
    const auto print = [](const std::string& text) {
        std::fputs(("evoke: " + text + "\n").c_str(), stderr);
    };
    if (const auto* input = dynamic_cast<const InputError*>(&error)) {
        // Lines that begin with file and line, as editors and terminals know them.
        if (!input->diagnostics().empty()) {
            std::fputs((input->diagnostics().text() + "\n").c_str(), stderr);
            return input->code();
        }
    }
    if (const auto* known = dynamic_cast<const Error*>(&error)) {
        print(error.what());
        return known->code();
    }
    if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
        print("out of memory; what was committed is intact, the same command resumes");
        return ExitCode::environment;
    }
    print(
        format("{}\nThis is a bug in Evoke. Please report it with the command, the job file and "
               "this message.",
               error.what()));
    return ExitCode::bug;
}

}  // namespace evoke::app
