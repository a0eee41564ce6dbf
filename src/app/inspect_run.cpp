#include "app/inspect_run.hpp"

#include <string>

#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/error.hpp"

namespace evoke::app {

checkpoint::GenerationRecord read_newest(const std::filesystem::path& run) {
    const checkpoint::RunLayout layout{run};
    if (!std::filesystem::exists(layout.job())) {
        throw RunFolderError{run,
                             "is no run: it has no job.toml (runs lie in the job's run.output)"};
    }
    const auto numbers = layout.generation_numbers();
    std::string problems;
    for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
        try {
            return checkpoint::read_generation(layout.generation(*number));
        } catch (const LoadError& error) {
            problems += std::string{"\n"} + error.what();
        }
    }
    throw RunFolderError{run, problems.empty() ? "no generation is finished yet"
                                               : "no generation verifies:" + problems};
}

}  // namespace evoke::app
