// Writes sample generations with their journals, as a run does, and says what is safe: a line on
// standard output for whatever was acknowledged. Tests kill it and look at what is left.
//
//   generation_writer FOLDER COUNT [--individuals N] [--examples N] [--die-at STEP GENERATION]
//   generation_writer --golden FOLDER          writes the golden files of this format version
//
// STEP: written, synced, renamed or folder_synced. A folder with generations is continued.

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evoke/checkpoint/journal.hpp"
#include "evoke/checkpoint/run_folder.hpp"
#include "evoke/core/clock.hpp"
#include "support/sample_generation.hpp"

namespace {

using namespace evoke;

constexpr std::array<std::string_view, 4> step_names{"written", "synced", "renamed",
                                                     "folder_synced"};

struct Arguments {
    std::filesystem::path folder;
    std::uint32_t count = 0;
    test::SampleSize size;
    std::string die_at;  ///< a step's name; empty: never
    std::uint32_t die_in = 0;
};

Arguments parse(const std::vector<std::string>& words) {
    Arguments arguments{.folder = words.at(0),
                        .count = static_cast<std::uint32_t>(std::stoul(words.at(1)))};
    for (std::size_t i = 2; i < words.size(); i += 2) {
        const auto number = [&](std::size_t at) {
            return static_cast<std::uint32_t>(std::stoul(words.at(at)));
        };
        if (words[i] == "--individuals") arguments.size.individuals = number(i + 1);
        if (words[i] == "--examples") arguments.size.examples = number(i + 1);
        if (words[i] == "--die-at") {
            arguments.die_at = words.at(i + 1);
            arguments.die_in = number(i + 2);
            ++i;
        }
    }
    return arguments;
}

void acknowledge(const std::string& line) {
    std::cout << line << std::endl;
}

/// Entry `i` of the journal of a generation.
checkpoint::JournalEntry sample_entry(std::uint32_t generation, std::uint32_t i) {
    if (i % 2 == 0)
        return checkpoint::JournalOutcomes{
            .keys = {{.high = generation, .low = i}, {.high = generation, .low = i + 100}},
            .outcomes = {{.values = {1.0F}, .prompt_tokens = i},
                         {.values = {0.5F}, .prompt_tokens = i + 1}}};
    return checkpoint::JournalReply{
        .key = {.high = generation, .low = i},
        .reply = {.text = "<prompt>Be brief.</prompt>", .tokens = {5, 6}, .generated_tokens = 2}};
}

void write_run(const Arguments& arguments) {
    const checkpoint::RunLayout layout{.folder = arguments.folder};
    std::filesystem::create_directories(layout.generations());
    const checkpoint::RunLock lock{layout.lock()};
    const auto newest = checkpoint::newest_generation(layout).record;
    std::uint32_t generation = newest ? newest->state.generation + 1 : 0;
    std::string digest = newest ? newest->digest : "";
    const SteadyClock clock;
    for (; generation < arguments.count; ++generation) {
        checkpoint::Journal journal{layout.journal(generation), clock, std::chrono::seconds{1}};
        for (std::uint32_t i = 0; i < 6; ++i) {
            journal.append(sample_entry(generation, i));
            acknowledge("entry " + std::to_string(generation) + " " + std::to_string(i));
        }
        const auto die_if_told = [&](WriteStep step) {
            const bool now = generation == arguments.die_in &&
                             step_names.at(static_cast<std::size_t>(step)) == arguments.die_at;
            if (now) ::kill(::getpid(), SIGKILL);
        };
        digest = checkpoint::write_generation(
            layout.generation(generation),
            test::sample_generation(generation, digest, arguments.size), die_if_told);
        acknowledge("generation " + std::to_string(generation));
        checkpoint::prune(layout, generation, 0);
    }
}

void write_golden(const std::filesystem::path& folder) {
    const std::string version =
        std::to_string(checkpoint::format_major) + "." + std::to_string(checkpoint::format_minor);
    const std::string digest =
        checkpoint::write_generation(folder / ("generation-" + version + ".h5"),
                                     test::sample_generation(3, std::string(64, '0')));
    write_file_atomically(folder / ("generation-" + version + ".digest"), digest + "\n");
    const SteadyClock clock;
    checkpoint::Journal journal{folder / "journal-1", clock, std::chrono::seconds{1}};
    for (std::uint32_t i = 0; i < 2; ++i) journal.append(sample_entry(3, i));
}

}  // namespace

int main(int count, char** values) {
    const std::vector<std::string> words{values + 1, values + count};
    try {
        if (words.size() == 2 && words[0] == "--golden") {
            write_golden(words[1]);
        } else {
            write_run(parse(words));
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "generation_writer: " << error.what() << '\n';
        return 1;
    }
}
